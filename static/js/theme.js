// Runs before the page is drawn, so that a chosen theme never flashes. Without a choice the system's applies.
(function () {
  var chosen = /(?:^|; )theme=(dark|light)(?:;|$)/.exec(document.cookie);
  if (chosen) document.documentElement.setAttribute("data-theme", chosen[1]);
})();
