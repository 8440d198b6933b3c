package chunkgen

import "strings"

// Mark stands in a rejected vector before the byte that no valid text could have there, or at the end of a text that
// ended too soon.
const Mark = "‸"

// Vector is one text for a production of RFC 8259. It must be accepted if no byte of it is marked.
type Vector struct {
	Section string // of RFC 8259, with its title
	marked  string
}

// Text is the vector without its mark.
func (v Vector) Text() string { return strings.Replace(v.marked, Mark, "", 1) }

// Offset is the index of the offending byte, or -1 if the text must be accepted.
func (v Vector) Offset() int { return strings.Index(v.marked, Mark) }

// Accepted reports whether the text is a JSON value.
func (v Vector) Accepted() bool { return v.Offset() < 0 }

// RFC8259 gives the vectors in the order of the standard's sections.
func RFC8259() []Vector {
	var list []Vector
	for _, group := range rfc8259 {
		for _, text := range group.texts {
			list = append(list, Vector{group.section, text})
		}
	}
	return list
}

// encoding/json takes ill-formed UTF-8 in a string and repairs it, and so does this library: section 8.1 is about what
// one may send. Nesting (section 9) has its own test.
var rfc8259 = []struct {
	section string
	texts   []string
}{
	{"2 white space", []string{
		" 1", "1 ", "\t1", "1\t", "\n1", "1\n", "\r1", "1\r", " \t\n\r1 \t\n\r",
		"[ ]", "{ }", "[ 1 , 2 ]", `{ "a" : 1 , "b" : 2 }`, "{\n\"a\"\r\n:\t1\n}",
		"‸\v1", "‸\f1", "‸\x001", "‸\u00a01", "‸\u20281", "‸\u3000 1", "‸\ufeff1", "‸\u0085 1",
		"[‸\v1]", "[1‸\f]", "[1,‸\u00a02]", "{‸\u2028}", `{"a"‸` + "\f:1}", `{"a":‸` + "\v1}", "[1‸\x00]", "[1]‸\x00", "1‸\v", "1‸\x00",
		"‸// comment\n1", "[1‸/* comment */]", "1 ‸# comment",
	}},
	{"2 structural characters", []string{
		"[]", "{}", "[[]]", `[{}]`, `{"a":{}}`, `{"a":[]}`, "[[],{},[[]]]",
		"‸", " ‸", "‸]", "‸}", "‸,", "‸:", "[‸}", "{‸]", "[‸", "{‸", "[[‸", `{"a":{‸`, "[1‸}", `{"a":1‸]`,
		"[]‸]", "{}‸}", "[]‸[]", "{}‸{}", "{}‸,", "[]‸,", "{}‸x", "1 ‸2", "1‸x", "1‸,", `"a"‸"b"`, "null‸null", "null ‸null", "true‸,false",
		"‸(1)", "‸<1>", "[1‸;2]", "‸`a`",
	}},
	{"3 literal names", []string{
		"true", "false", "null", "[true,false,null]", `{"a":true,"b":false,"c":null}`,
		"t‸", "tr‸", "tru‸", "f‸", "fa‸", "fal‸", "fals‸", "n‸", "nu‸", "nul‸", "t‸x", "tr‸e", "tru‸t", "fa‸xse", "fals‸a", "nul‸x", "n‸il", "nu‸nu",
		"‸True", "‸TRUE", "‸False", "‸Null", "‸NULL", "n‸ULL", "t‸RUE", "true‸e", "null‸l", "false‸y", "‸undefined", "‸None", "‸yes", "n‸o", "n‸an",
		"‸NaN", "‸Infinity", "-‸Infinity", "-‸NaN", "‸inf", "[nul‸]", "[tru‸,1]", `{"a":fals‸}`, "[nul‸ l]", "[t‸\x00rue]",
	}},
	{"4 objects", []string{
		`{"a":1}`, `{"a":1,"b":2}`, `{"":1}`, `{"a":1,"a":2}`, `{"a":{"a":{"a":1}}}`, `{"\u0061":1,"a":2}`, `{"a":"b:c,d}"}`,
		"{‸a:1}", "{‸1:1}", "{‸'a':1}", "{‸null:1}", "{‸[]:1}", "{‸{}:1}", "{‸,}", `{‸,"a":1}`, `{"a":1,‸}`, `{"a":1,‸,"b":2}`, `{"a":1 ‸"b":2}`,
		`{"a"‸}`, `{"a"‸,"b":1}`, `{"a":‸}`, `{"a":‸,"b":1}`, `{"a"‸1}`, `{"a"‸=1}`, `{"a":‸:1}`, `{"a":1‸:2}`, `{"a":1‸;"b":2}`,
		`{"a‸`, `{"a"‸`, `{"a":‸`, `{"a":1‸`, `{"a":1,‸`, `{"a":1,"b‸`, `{"‸`, `{"a":1}‸}`, `{"a":1,‸2}`, `{"a":1‸x}`, "{\"a‸\n\":1}", `{"a\‸x":1}`, `{"a\u00‸":1}`, `{‸\u0061:1}`,
	}},
	{"5 arrays", []string{
		"[1]", "[1,2]", `[1,"a",null,true,{},[]]`, "[[1],[2]]", "[[[[[[[[]]]]]]]]",
		"[‸,]", "[‸,1]", "[1,‸]", "[1,‸,2]", "[1 ‸2]", "[1‸:2]", "[1‸", "[1,‸", "[1,2‸", "[1]‸]", "[1]‸1", `["a"‸:1]`, `["a"‸"b"]`, "[1‸x]", "[‸x]", "[[1]‸[2]]", "[{}‸{}]", "[null‸null]", "[1‸}", "[‸*]",
	}},
	{"6 numbers", []string{
		"0", "-0", "1", "-1", "9", "10", "1234567890", "0.0", "0.1", "-0.1", "1.5", "12.34", "0.000001", "1.0", "1.000000000000000000000000000001",
		"0e0", "0E0", "0e+0", "0e-0", "1e1", "1E1", "1e+1", "1e-1", "1E+01", "1e00", "1.5e3", "-1.5e-3", "0.0e0", "123.456e-7", "0e999999999", "1e-999999999",
		"9007199254740992", "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
		"18446744073709551616", "1e400", "-1e400", "1.7976931348623157e308", "5e-324", "123456789012345678901234567890",
		"‸+1", "‸.5", "-‸.5", "-‸", "-‸-1", "-‸a", "‸+-1", "-‸+1", "0‸1", "-0‸1", "0‸0", "1.‸", "1.‸e1", "1.‸.2", "1.2‸.3", "0.‸", "1.‸a", "1.‸-2",
		"1e‸", "1E‸", "1e+‸", "1e-‸", "1e‸a", "1e+‸-1", "1e‸.5", "1e1‸.5", "1e1‸e1", "1‸_000", "1‸f", "0‸x10", "1‸L", "0‸b1", "0‸o7", "1‸a", "1‸,000", "1‸-2", "1‸+2", "-‸ 1",
		"‸１", "‸½", "‸∞", "1‸٣", "[-‸]", "[1.‸]", "[1e‸]", "[0‸1]", "[‸.1]", "[1.‸,2]", "[-‸,1]", "[1 ‸2]", `{"a":-‸}`, `{"a":1.‸}`, `{"a":1e+‸}`, `{"a":0‸1}`,
	}},
	{"7 strings", []string{
		`""`, `"a"`, `"abcdefg"`, `"abcdefgh"`, `"abcdefghi"`, `"abcdefghijklmno"`, `"abcdefghijklmnop"`, `"abcdefghijklmnopqrstuvwxyz0123456789"`, `" "`, `"/"`, "\"\x7f\"", `"'"`, `"{}[],:"`, `"// no comment"`,
		"\"\u00e9\"", "\"\u20ac\"", "\"\U0001f600\"", "\"a\u00e9b\u20acc\U0001f600d\"", "\"\u2028\u2029\"", "\"\ufeff\"", "\"\ufffd\"", "\"\uffff\"", "\"\U0010ffff\"", "\"\u0080\"",
		`"‸`, `"a‸`, `"abcdefgh‸`, `"abcdefghijklmnop‸`, `"\"‸`, `"a\\\"‸`, "‸'a'", `"a"‸a"`, `""‸"`, "‸a\"", "\"\u00e9‸",
	}},
	{"7 escapes", []string{
		`"\""`, `"\\"`, `"\/"`, `"\b"`, `"\f"`, `"\n"`, `"\r"`, `"\t"`, `"\u0000"`, `"\u0061"`, `"\u00e9"`, `"\u00E9"`, `"\u20ac"`, `"\uFFFF"`, `"\uffff"`, `"\u001f"`, `"\u007F"`, `"\u0022"`, `"\u005c"`,
		`"\\\\"`, `"\\u0061"`, `"\\\u0061"`, `"\"\\\/\b\f\n\r\t"`, `"a\nb"`, `"abcdefg\n"`, `"abcdefgh\n"`, `"\nabcdefgh"`, `"1234567\u0041"`, `"\u00e9` + "\u00e9" + `"`,
		`"\‸`, `"\u‸`, `"\u0‸`, `"\u00‸`, `"\u006‸`, `"\‸a"`, `"\‸v"`, `"\‸x41"`, `"\‸0"`, `"\‸'"`, `"\‸U0041"`, `"\‸ "`, "\"\\‸\n\"", "\"\\‸\x00\"", "\"\\‸\u00e9\"", `"\‸N"`, `"\‸1"`, `"\u‸{41}"`,
		`"\u‸"`, `"\u0‸"`, `"\u00‸"`, `"\u006‸"`, `"\u‸g000"`, `"\u0‸g00"`, `"\u00‸G0"`, `"\u000‸g"`, `"\u‸+061"`, `"\u‸ 061"`, `"\u‸-061"`, `"\u‸\u0061"`, `"\u00‸x1"`, "\"\\u‸\u00e9000\"", `"\\\‸q"`, `"abcdefg\‸q"`,
	}},
	{"7 control characters", append([]string{
		"\"\x7f\"", "\"\u0080\"", "\"\u009f\"",
		"\"‸\n", "\"abcdefg‸\x00\"", "\"abcdefgh‸\x1f\"", "\"\\n‸\n\"", "\"\u00e9‸\t\"", "{\"‸\x01\":1}", "{\"a‸\t\":1}", "[\"‸\r\"]", "\"‸\r\n\"",
	}, controls()...)},
	{"8.1 character encoding", []string{
		"\"\x80\"", "\"\xbf\"", "\"\xff\"", "\"\xfe\"", "\"a\x80b\"", "\"abcdefgh\x80\"", // stray bytes
		"\"\xc0\x80\"", "\"\xc0\xaf\"", "\"\xc1\xbf\"", "\"\xe0\x80\x80\"", "\"\xe0\x9f\xbf\"", "\"\xf0\x80\x80\x80\"", "\"\xf0\x8f\xbf\xbf\"", // overlong forms
		"\"\xc0\xa2\"", "\"\xe0\x80\xa2\"", "\"\xc1\x9c\"", // of a quotation mark and a reverse solidus, which end and escape nothing
		"\"\xed\xa0\x80\"", "\"\xed\xbf\xbf\"", "\"\xed\xa0\xbd\xed\xb8\x80\"", // encoded surrogates
		"\"\xc3\"", "\"\xe2\x82\"", "\"\xe2\"", "\"\xf0\x9f\x98\"", "\"\xf0\x9f\"", "\"\xf0\"", "\"\xc3\xc3\xa9\"", "\"\xe2\x82x\"", "\"\xf0\x9f\x98\\n\"", "\"\xc3\\u00a9\"", // truncated
		"\"\xf4\x90\x80\x80\"", "\"\xf5\x80\x80\x80\"", "\"\xf8\x88\x80\x80\x80\"", "\"\xfc\x84\x80\x80\x80\x80\"", // over U+10FFFF
		"{\"\x80\":\"\xff\"}", "[\"\xc3\",\"\xa9\"]",
		"‸\x80", "‸\xff", "‸\xc3\xa9", "‸\xef\xbb\xbf1", "1‸\x80", "[‸\xc3]", "{‸\xff}", "{\"a\"‸\x80:1}", "\"\x80‸", "\"\xc3‸", "\"\xc3‸\x00\"", "\"\xff\\‸\xff\"", "‸\xff\xfe1\x00", "‸\x001\x00",
	}},
	{"8.2 Unicode characters", []string{
		`"\ud83d\ude00"`, `"\uD83D\uDE00"`, `"\ud800\udc00"`, `"\udbff\udfff"`, `"a\ud83d\ude00b"`, // pairs
		`"\ud800"`, `"\udbff"`, `"\udc00"`, `"\udfff"`, `"\ud83da"`, `"\ud83d "`, `"\ud83d\n"`, `"\ud83d\\ude00"`, `"\ud83d\u0061"`, "\"\\ud83d\u00e9\"", "\"\\ud83d\x80\"", // lone
		`"\ude00\ud83d"`, `"\ud83d\ud83d\ude00"`, `"\ud83d\ud83d"`, `"\ude00\ude00"`, `"\ud83d\ude00\ude00"`, `"\ud83d\ufffd"`, // reversed, repeated
		`{"\ud800":"\udc00"}`, `"\ufffe"`, `"\ufdd0"`,
		`"\ud83d\‸x"`, `"\ud83d\u‸"`, `"\ud83d\ude‸"`, `"\ud83d\ude0‸g"`, `"\ud83d‸`, `"\ud83d\‸`, `"\ud83d\u‸`, `"\ud83d\ude0‸`, "\"\\ud83d‸\n\"", `"\ud83‸"`,
	}},
}

// controls has a string with each of the characters that must be escaped.
func controls() []string {
	var list []string
	for c := range byte(' ') {
		list = append(list, `"`+Mark+string(rune(c))+`"`, `"a`+Mark+string(rune(c))+`b"`)
	}
	return list
}
