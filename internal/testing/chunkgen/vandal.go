package chunkgen

import (
	"math/rand/v2"
	"reflect"

	"github.com/seed-08fc7208/chatstream"
)

// Vandalise does to a chunk what a caller may do, at random: sets and clears fields, truncates, extends, appends to and
// nils slices, writes over the memory beyond their length, and makes slices of one type share memory, nested ones too.
// It writes to no Text and no RawValue: those are read-only.
func Vandalise(r *rand.Rand, c *chatstream.CreateChatCompletionData) {
	v := vandal{Rand: r}
	v.value(reflect.ValueOf(c).Elem())
	for range 4 * len(v.met) {
		a, b := v.met[v.IntN(len(v.met))], v.met[v.IntN(len(v.met))]
		if a.Type() == b.Type() && v.IntN(3) == 0 {
			a.Set(b)
		}
	}
}

type vandal struct {
	*rand.Rand
	met []reflect.Value // slices
}

func (v *vandal) value(x reflect.Value) {
	if v.IntN(12) == 0 {
		x.Set(v.garbage(x.Type()))
		return
	}
	switch x.Kind() {
	case reflect.Struct:
		for i := range x.NumField() {
			if x.Type().Field(i).IsExported() {
				v.value(x.Field(i))
			}
		}
	case reflect.Pointer:
		if !x.IsNil() {
			v.value(x.Elem())
		}
	case reflect.Slice:
		if x.Type().Elem().Kind() != reflect.Uint8 {
			v.slice(x)
		}
	}
}

func (v *vandal) slice(x reflect.Value) {
	v.met = append(v.met, x)
	whole := x.Slice(0, x.Cap())
	for i := range whole.Len() {
		v.value(whole.Index(i))
	}
	switch v.IntN(5) {
	case 0:
		x.Set(reflect.Append(x, v.garbage(x.Type().Elem())))
	case 1:
		x.Set(whole)
	case 2:
		x.SetLen(v.IntN(x.Len() + 1))
	case 3:
		if n := x.Len(); n > 0 {
			x.Set(x.Slice3(n-1, n, n))
		}
	}
}

// garbage makes a value of type t that no payload of the tests has.
func (v *vandal) garbage(t reflect.Type) reflect.Value {
	x := reflect.New(t).Elem()
	if v.IntN(3) == 0 {
		return x
	}
	switch t.Kind() {
	case reflect.Struct:
		switch o := x.Addr().Interface().(type) {
		case *chatstream.Optional[chatstream.Text]:
			*o = chatstream.Some(chatstream.Text("vandalised"))
		case *chatstream.Optional[int64]:
			*o = chatstream.Some[int64](-4711)
		case *chatstream.Optional[float64]:
			*o = chatstream.Null[float64]()
		case *chatstream.Optional[[]chatstream.ToolCall]:
			*o = chatstream.Some(make([]chatstream.ToolCall, 2, 5))
		case *chatstream.Optional[[]int64]:
			*o = chatstream.Some([]int64{-4711})
		case *chatstream.Optional[chatstream.RawValue]:
			*o = chatstream.Some(chatstream.RawValue(`"vandalised"`))
		default:
			for i := range x.NumField() {
				if t.Field(i).IsExported() {
					x.Field(i).Set(v.garbage(t.Field(i).Type))
				}
			}
		}
	case reflect.Pointer:
		x.Set(reflect.New(t.Elem()))
		x.Elem().Set(v.garbage(t.Elem()))
	case reflect.Slice:
		x.Set(reflect.MakeSlice(t, 1, 3))
		x.Index(0).Set(v.garbage(t.Elem()))
	case reflect.String:
		x.SetString("vandalised")
	case reflect.Int64:
		x.SetInt(-4711)
	case reflect.Float64:
		x.SetFloat(-4711)
	case reflect.Uint8:
		x.SetUint('v')
	}
	return x
}
