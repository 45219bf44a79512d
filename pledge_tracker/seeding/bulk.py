def fill(**k):
    raise NotImplementedError
