package chatstream

import (
	"bytes"
	"reflect"
)

// Equal reports whether o and other are both absent, both null, or both set to equal values.
func (o Optional[T]) Equal(other Optional[T]) bool {
	a, b := any(o.Value), any(other.Value)
	if o.state != other.state {
		return false
	}
	if o.state != set {
		return true
	}
	switch a := a.(type) {
	case Text:
		return bytes.Equal(a, b.(Text))
	case RawValue:
		return bytes.Equal(a, b.(RawValue))
	}
	if equal, known := equalValues(a, b); known {
		return equal
	}
	return reflect.DeepEqual(a, b)
}

// Equal reports whether both members have equal names and their values equal bytes.
func (m Member) Equal(other Member) bool {
	return bytes.Equal(m.Name, other.Name) && bytes.Equal(m.Value, other.Value)
}

func equalExtra(a, b Members) bool {
	return equalList(a, b, func(a, b *Member) bool { return a.Equal(*b) })
}

// equalTextOrRaw compares two members whose raw value, if there is one, is written in the
// place of the text.
func equalTextOrRaw(a, b *Optional[Text], rawA, rawB RawValue) bool {
	if rawA != nil || rawB != nil {
		return rawA != nil && rawB != nil && bytes.Equal(rawA, rawB)
	}
	return a.Equal(*b)
}

func equalList[T any](a, b []T, equal func(a, b *T) bool) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(&a[i], &b[i]) {
			return false
		}
	}
	return true
}
