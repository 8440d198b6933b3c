package chunkgen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// fits reports whether n has the shape of the member's field. A null fits an Optional field of any type.
func (m Member) fits(n Node) bool {
	if n.Kind == 'n' {
		return !m.Plain
	}
	switch m.Kind {
	case Text, Enum:
		return n.Kind == '"'
	case Float:
		_, err := strconv.ParseFloat(n.Raw, 64)
		return n.Kind == '0' && err == nil
	case Int:
		if n.Kind != '0' {
			return false
		}
		_, ok := ExactInt(n.Raw)
		return ok
	case Obj:
		return n.Kind == '{'
	case List, Ints:
		if n.Kind != '[' || len(n.Elems) > m.MaxLen {
			return false
		}
		if m.Kind == List && m.blowsUp(n) {
			return false
		}
		for _, e := range n.Elems {
			if m.Kind == List && e.Kind != '{' || m.Kind == Ints && (e.Kind != '0' || !(Member{Kind: Int}).fits(e)) {
				return false
			}
		}
		return true
	}
	return true // Any
}

// blowsUp reports whether the list takes more than 64 KiB of memory and, up to some element, more than 64 times its
// bytes.
func (m Member) blowsUp(n Node) bool {
	if n.Kind != '[' || len(n.Elems) < 2 {
		return false
	}
	at, memory := 1, 0
	space := func() { at += len(n.Raw[at:]) - len(strings.TrimLeft(n.Raw[at:], " \t\r\n")) }
	for _, e := range n.Elems {
		space()
		at += len(e.Raw)
		space()
		memory += m.Of.memory(e)
		if memory > 64<<10 && memory > 64*at {
			return true
		}
		at++ // the comma
	}
	return false
}

// memory is how many bytes an object takes in a list, with the lists in it and what it points to.
func (o *Object) memory(n Node) int {
	if n.Kind != '{' {
		return 0
	}
	size := sizes[o.Name]
	for i, name := range n.Names {
		m, known := o.member(name)
		if !known || n.last(name) != i || !m.fits(n.Elems[i]) {
			continue
		}
		switch m.Kind {
		case List:
			for _, e := range n.Elems[i].Elems {
				size += m.Of.memory(e)
			}
		case Obj:
			size += m.Of.memory(n.Elems[i])
			if !m.Pointer {
				size -= sizes[m.Of.Name] // it is a part of this one
			}
		}
	}
	return size
}

// sizes has the size of each object's struct.
var sizes = map[string]int{
	"FunctionCall": sizeOf[chatstream.FunctionCall](), "ToolCall": sizeOf[chatstream.ToolCall](), "Audio": sizeOf[chatstream.Audio](),
	"Delta": sizeOf[chatstream.Delta](), "TopLogprob": sizeOf[chatstream.TopLogprob](), "TokenLogprob": sizeOf[chatstream.TokenLogprob](),
	"Logprobs": sizeOf[chatstream.Logprobs](), "Choice": sizeOf[chatstream.Choice](), "Usage": sizeOf[chatstream.Usage](),
	"PromptTokensDetails": sizeOf[chatstream.PromptTokensDetails](), "CompletionTokensDetails": sizeOf[chatstream.CompletionTokensDetails](),
}

func sizeOf[T any]() int { return int(reflect.TypeFor[T]().Size()) }

// extra lists where in n the members are that have no field in o, or do not fit it: all of an unknown name, and the
// last of a known one, since only that counts.
func (o *Object) extra(n Node) []int {
	var list []int
	for i, name := range n.Names {
		m, known := o.member(name)
		if !known || n.last(name) == i && !m.fits(n.Elems[i]) {
			list = append(list, i)
		}
	}
	return list
}

// Check compares a chunk with what payload, a valid JSON object, has to decode to, and describes each difference.
func Check(payload []byte, c *chatstream.CreateChatCompletionData) []string {
	n, err := Parse(payload)
	if err != nil {
		return []string{err.Error()}
	}
	var k checker
	k.object("", Chunk, n, reflect.ValueOf(c).Elem())
	return k.diffs
}

// Judge decodes payload into dst and gives the Verdict on that.
func Judge(payload []byte, dst *chatstream.CreateChatCompletionData) []string {
	return Verdict(payload, dst, chatstream.Unmarshal(payload, dst))
}

// Verdict describes each way in which the decoding of payload into dst, which returned err, was not as it has to be:
// accepted or not, and at which byte; every field; the error of the provider; what Validate objects to; what AppendJSON
// writes.
func Verdict(payload []byte, dst *chatstream.CreateChatCompletionData, err error) []string {
	if want := SyntaxOffset(payload); want >= 0 {
		diffs := CheckEmpty(dst)
		if syntax := new(chatstream.SyntaxError); !errors.As(err, &syntax) {
			diffs = append(diffs, fmt.Sprintf("want a SyntaxError at %d, got %v", want, err))
		} else if syntax.Offset != int64(want) {
			diffs = append(diffs, fmt.Sprintf("want a SyntaxError at %d, got %d: %v", want, syntax.Offset, err))
		}
		return diffs
	}
	n, _ := Parse(payload) // valid, since it has no SyntaxOffset
	k := checker{Check(payload, dst)}
	k.apiError(n, err)
	k.objections(payload, dst)
	k.json(n, dst)
	return k.diffs
}

// apiError compares what Unmarshal returned with the error that the payload n has.
func (k *checker) apiError(n Node, err error) {
	var want string
	if i := n.last("error"); i >= 0 && n.Elems[i].Kind != 'n' {
		want = n.Elems[i].Raw
	} else if i := n.last("object"); i >= 0 && n.Elems[i].Str == "error" {
		if i := n.last("choices"); i < 0 || !Chunk.Members[1].fits(n.Elems[i]) {
			want = n.Raw // the whole payload calls itself an error
		}
	}
	var apiErr *chatstream.APIError
	switch {
	case errors.As(err, &apiErr):
		if got := strings.TrimSpace(string(apiErr.Raw)); got != want {
			k.differ("APIError.Raw", want, got)
		}
	case want != "" || err != nil:
		k.differ("error", "an APIError of "+strconv.Quote(want), err)
	}
}

// objections compares the paths that Validate objects to.
func (k *checker) objections(payload []byte, c *chatstream.CreateChatCompletionData) {
	var want, got []string
	for _, o := range Objections(payload) {
		want = append(want, o.Path)
	}
	if err := c.Validate(); err != nil {
		for _, err := range err.(interface{ Unwrap() []error }).Unwrap() {
			objection, ok := err.(*chatstream.ValidationError)
			if !ok || objection.Reason == "" {
				k.differ("Validate", "a ValidationError with its reason", err)
				return
			}
			got = append(got, objection.Path)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		k.differ("Validate", want, got)
	}
}

// json compares what AppendJSON writes with the payload n.
func (k *checker) json(n Node, c *chatstream.CreateChatCompletionData) {
	out := c.AppendJSON(nil)
	if back, err := Parse(out); err != nil || !EqualJSON(n, back) {
		k.differ("AppendJSON", n.Raw, string(out))
	}
}

// CheckEmpty is Check for the payload {}, and for what SyntaxError leaves.
func CheckEmpty(c *chatstream.CreateChatCompletionData) []string { return Check([]byte("{}"), c) }

type checker struct{ diffs []string }

func (k *checker) differ(path string, want, got any) {
	k.diffs = append(k.diffs, fmt.Sprintf("%s: want %.300v, got %.300v", path, want, got))
}

func (k *checker) object(path string, o *Object, n Node, v reflect.Value) {
	v = reflect.Indirect(v)
	for _, m := range o.Members {
		i := n.last(m.Name)
		if i >= 0 && !m.fits(n.Elems[i]) {
			i = -1
		}
		k.member(path+m.Name, m, n, i, v.FieldByName(m.Field))
	}
	k.extra(path, o, n, v.FieldByName("Extra").Interface().(chatstream.Members))
}

func (k *checker) extra(path string, o *Object, n Node, got chatstream.Members) {
	want := o.extra(n)
	if len(got) != len(want) || len(got) == 0 && got != nil {
		k.differ(path+"Extra", fmt.Sprintf("%d members", len(want)), fmt.Sprintf("%#v", got))
		return
	}
	for j, i := range want {
		if name := got[j].Name.String(); name != n.Names[i] {
			k.differ(fmt.Sprintf("%sExtra[%d].Name", path, j), strconv.Quote(n.Names[i]), strconv.Quote(name))
		}
		if raw := got[j].Value.String(); raw != n.Elems[i].Raw {
			k.differ(fmt.Sprintf("%sExtra[%d].Value", path, j), n.Elems[i].Raw, raw)
		}
		k.capacity(path+"Extra", got[j].Name)
		k.capacity(path+"Extra", got[j].Value)
	}
}

// optional has the methods of an Optional of any type.
type optional interface {
	IsAbsent() bool
	IsNull() bool
	IsSet() bool
}

// member compares a field with the i-th member of n, or with an absent one where i is -1.
func (k *checker) member(path string, m Member, n Node, i int, field reflect.Value) {
	if !m.Plain {
		state := field.Interface().(optional)
		want := [3]bool{i < 0, i >= 0 && n.Elems[i].Kind == 'n', i >= 0 && n.Elems[i].Kind != 'n'}
		got := [3]bool{state.IsAbsent(), state.IsNull(), state.IsSet()}
		if got != want {
			k.differ(path+" (absent, null, set)", want, got)
			return
		}
		field = field.Field(0) // Value
		if !want[2] {
			if !field.IsZero() {
				k.differ(path, "a zero Value", field.Interface())
			}
			return
		}
	}
	if i < 0 {
		if m.Kind == Obj { // Delta: every field of it must be absent
			k.object(path+".", m.Of, Node{Kind: '{'}, field)
		} else if !field.IsZero() {
			k.differ(path, "absent", field.Interface())
		}
		return
	}
	k.value(path, m, n.Elems[i], field)
}

func (k *checker) value(path string, m Member, n Node, v reflect.Value) {
	switch m.Kind {
	case Text:
		if got := string(v.Bytes()); got != n.Str {
			k.differ(path, strconv.Quote(n.Str), strconv.Quote(got))
		}
		k.capacity(path, v.Bytes())
	case Enum:
		if v.String() != n.Str {
			k.differ(path, strconv.Quote(n.Str), strconv.Quote(v.String()))
		}
	case Float:
		if want := float(n.Raw); math.Float64bits(want) != math.Float64bits(v.Float()) {
			k.differ(path, want, v.Float())
		}
	case Int:
		if want, _ := ExactInt(n.Raw); v.Int() != want {
			k.differ(path, want, v.Int())
		}
	case Any:
		if string(v.Bytes()) != n.Raw {
			k.differ(path, n.Raw, string(v.Bytes()))
		}
		k.capacity(path, v.Bytes())
	case Obj:
		k.object(path+".", m.Of, n, v)
	case List, Ints:
		if v.IsNil() || v.Len() != len(n.Elems) {
			k.differ(path, fmt.Sprintf("%d elements, not nil", len(n.Elems)), v.Interface())
			return
		}
		for i, e := range n.Elems {
			at := fmt.Sprintf("%s[%d]", path, i)
			if m.Kind == List {
				k.object(at+".", m.Of, e, v.Index(i))
			} else {
				k.value(at, Member{Kind: Int}, e, v.Index(i))
			}
		}
	}
}

// capacity checks that a borrowed slice has no spare capacity: an append must not write into its neighbour.
func (k *checker) capacity(path string, b []byte) {
	if cap(b) != len(b) {
		k.differ(path+" capacity", len(b), cap(b))
	}
}

// Objection is what Validate has to say about one member.
type Objection struct {
	Path string
	What string // one of the words below
}

// What there is to object to.
const (
	Missing   = "missing"
	NotNull   = "null"
	WrongType = "wrong type"
	NotInEnum = "not in the enumeration"
	Duplicate = "duplicate"
	TooLong   = "list too long"
)

// Objections lists what the schema has to say about payload, a valid JSON object, one of a kind for each member.
func Objections(payload []byte) []Objection {
	n, err := Parse(payload)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return objections(nil, "", Chunk, n)
}

func objections(dst []Objection, path string, o *Object, n Node) []Objection {
	count := map[string]int{}
	for _, name := range n.Names {
		if count[name]++; count[name] == 2 {
			dst = append(dst, Objection{path + name, Duplicate})
		}
	}
	for _, m := range o.Members {
		i := n.last(m.Name)
		if i < 0 {
			if m.Required {
				dst = append(dst, Objection{path + m.Name, Missing})
			}
			continue
		}
		e, at := n.Elems[i], path+m.Name
		switch {
		case e.Kind == 'n':
			if !m.Null {
				dst = append(dst, Objection{at, NotNull})
			}
		case !m.fits(e):
			what := WrongType
			if e.Kind == '[' && m.MaxLen > 0 && (len(e.Elems) > m.MaxLen || m.Kind == List && m.blowsUp(e)) {
				what = TooLong
			}
			dst = append(dst, Objection{at, what})
		case m.Kind == Enum && !slices.Contains(m.Enum, e.Str):
			dst = append(dst, Objection{at, NotInEnum})
		case m.Kind == Obj:
			dst = objections(dst, at+".", m.Of, e)
		case m.Kind == List:
			for i, e := range e.Elems {
				dst = objections(dst, fmt.Sprintf("%s[%d].", at, i), m.Of, e)
			}
		}
	}
	return dst
}

// Diff describes how two chunks differ in what a caller can see; without Extra, which encoding/json does not see, unless
// told to look there too.
func Diff(want, got *chatstream.CreateChatCompletionData, extra bool) []string {
	d := differ{extra: extra}
	d.value("", reflect.ValueOf(want).Elem(), reflect.ValueOf(got).Elem())
	return d.diffs
}

type differ struct {
	checker
	extra bool
}

func (d *differ) value(path string, want, got reflect.Value) {
	switch want.Kind() {
	case reflect.Struct:
		if w, ok := want.Interface().(optional); ok {
			if g := got.Interface().(optional); w.IsSet() != g.IsSet() || w.IsNull() != g.IsNull() {
				d.differ(path, w, g)
				return
			}
		}
		for i := range want.NumField() {
			f := want.Type().Field(i)
			if f.IsExported() && (d.extra || f.Name != "Extra") {
				d.value(path+"."+f.Name, want.Field(i), got.Field(i))
			}
		}
	case reflect.Pointer:
		if want.IsNil() != got.IsNil() {
			d.differ(path, want.Interface(), got.Interface())
		} else if !want.IsNil() {
			d.value(path, want.Elem(), got.Elem())
		}
	case reflect.Slice:
		if want.Type().Elem().Kind() == reflect.Uint8 {
			if !bytes.Equal(want.Bytes(), got.Bytes()) {
				d.differ(path, strconv.Quote(string(want.Bytes())), strconv.Quote(string(got.Bytes())))
			}
			return
		}
		if want.Len() != got.Len() || want.IsNil() != got.IsNil() {
			d.differ(path, want.Interface(), got.Interface())
			return
		}
		for i := range want.Len() {
			d.value(fmt.Sprintf("%s[%d]", path, i), want.Index(i), got.Index(i))
		}
	case reflect.Float64:
		if math.Float64bits(want.Float()) != math.Float64bits(got.Float()) {
			d.differ(path, want, got)
		}
	default:
		if !want.Equal(got) {
			d.differ(path, want, got)
		}
	}
}

// CompareJSON compares what encoding/json reads from a payload, a JSON object, into the same structs with c, which is
// what the library read from it. Where the two differ by design it counts it in x.
func CompareJSON(payload []byte, c *chatstream.CreateChatCompletionData, x *Exceptions) []string {
	n, err := Parse(payload)
	if err != nil {
		return []string{err.Error()}
	}
	plain := Plain(n, x)
	var want chatstream.CreateChatCompletionData
	if err := json.Unmarshal([]byte(plain), &want); err != nil {
		return []string{fmt.Sprintf("encoding/json: %v: %.300s", err, plain)}
	}
	return Diff(&want, c, false)
}
