# SPDX-License-Identifier: BSD-2-Clause
# templates.awk FILE...: the templates as a C table (template.h says what they may hold). A section
# that is not closed, or a mark that is not ended, fails the build.
function quote(text) {
	gsub(/\\/, "\\\\", text)
	gsub(/"/, "\\\"", text)
	gsub(/\n/, "\\n", text)
	return "\"" text "\""
}

function fail(what) {
	print name ": " what >"/dev/stderr"
	failed = 1
	exit 1
}

# Sentences are marked for the catalogue.
function piece(kind, text) {
	text = quote(text)
	printf "    {PIECE_%s, %s},\n", kind, kind == "MESSAGE" ? "MESSAGE(" text ")" : text
}

function mark(text,    sign, rest) {
	sign = substr(text, 1, 1)
	rest = substr(text, 2)
	if (sign == "_") {
		piece("MESSAGE", rest)
		return
	}
	if (!(sign in kinds))
		rest = text
	if (rest !~ /^[a-z][a-z0-9_]*$/)
		fail("{{" text "}}: not a name")
	if (sign == "?" || sign == "!")
		opened[++depth] = rest
	else if (sign == "/" && (depth == 0 || opened[depth--] != rest))
		fail("{{" text "}}: closes nothing")
	piece(sign in kinds ? kinds[sign] : "VALUE", rest)
}

function compile(text,    at, end) {
	printf "static const struct piece %s[] = {\n", "template_" name
	while ((at = index(text, "{{")) > 0) {
		if (at > 1)
			piece("LITERAL", substr(text, 1, at - 1))
		text = substr(text, at + 2)
		end = index(text, "}}")
		if (end == 0)
			fail("a mark without an end")
		while (substr(text, end + 2, 1) == "}") # {{_Ask {contact}}}
			end++
		mark(substr(text, 1, end - 1))
		text = substr(text, end + 2)
	}
	if (text != "")
		piece("LITERAL", text)
	if (depth > 0)
		fail("{{" opened[depth] "}}: not closed")
	print "    {PIECE_END, NULL},\n};\n"
	names[++count] = name
}

BEGIN {
	kinds["?"] = "IF"
	kinds["!"] = "UNLESS"
	kinds["/"] = "CLOSE"
	kinds[">"] = "SLOT"
	print "/* Made from web/templates/ by templates.awk. */"
	print "#include \"web/language.h\""
	print "#include \"web/template.h\"\n"
}

FNR == 1 {
	if (name != "")
		compile(body)
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.html$/, "", name)
	body = ""
	# The licence is for readers of the file.
	if ($0 ~ /^<!-- SPDX/)
		next
}

{
	body = body $0 "\n"
}

END {
	if (failed)
		exit 1
	compile(body)
	print "const struct template templates[] = {"
	for (i = 1; i <= count; i++)
		printf "    {\"%s\", template_%s},\n", names[i], names[i]
	print "    {NULL, NULL},\n};"
}
