package chatstream

import (
	"bytes"
	"encoding/json"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// presence is the state of an optional member.
type presence uint8

const (
	absent presence = iota // there is no such member
	null                   // its value is null
	set                    // its value is of the field's type
)

// Optional is the value of a member that may be absent or null. The zero Optional is
// absent. Value is the zero value unless [Optional.IsSet].
//
// In a struct of your own, give a field of this type the option omitzero in its json
// tag. Without it, encoding/json writes an absent member as null.
type Optional[T any] struct {
	Value T
	state presence
}

// Some returns an Optional that is set to v. Some of a nil pointer is written as null.
func Some[T any](v T) Optional[T] { return Optional[T]{Value: v, state: set} }

// Null returns an Optional that is null.
func Null[T any]() Optional[T] { return Optional[T]{state: null} }

// IsAbsent reports whether there is no such member.
func (o Optional[T]) IsAbsent() bool { return o.state == absent }

// IsNull reports whether the member is null.
func (o Optional[T]) IsNull() bool { return o.state == null }

// IsSet reports whether the member has a value of the field's type.
func (o Optional[T]) IsSet() bool { return o.state == set }

// IsZero reports whether the member is absent. It makes the option omitzero of
// encoding/json leave out absent members.
func (o Optional[T]) IsZero() bool { return o.state == absent }

// Get returns the value, and whether the member is set. Unless it is, the value is the
// zero value.
func (o Optional[T]) Get() (T, bool) { return o.Value, o.state == set }

// Or returns the value if the member is set, and alternative otherwise.
func (o Optional[T]) Or(alternative T) T {
	if o.state == set {
		return o.Value
	}
	return alternative
}

// MarshalJSON encodes the value, or null unless the member is set.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	if o.state != set {
		return []byte("null"), nil
	}
	return json.Marshal(o.Value)
}

// UnmarshalJSON sets o to null if data is null, and otherwise to the value that data
// decodes to. It copies what it needs: o shares no memory with data or its old value.
func (o *Optional[T]) UnmarshalJSON(data []byte) error {
	if string(bytes.TrimSpace(data)) == "null" {
		*o = Null[T]()
		return nil
	}
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*o = Some(v)
	return nil
}

// pointerState returns the state in which o is written: null if o is set to nil.
func pointerState[T any](o Optional[*T]) presence {
	if o.state == set && o.Value == nil {
		return null
	}
	return o.state
}

// Text is the value of a JSON string: unescaped, valid UTF-8, without the quotes.
//
// A Text from a Decoder or Scanner is borrowed: it is read-only, and valid until the
// next Decode, Reset or Close. For a [Tap] it is valid until the Tap's function returns;
// after [Unmarshal], until data is changed or dst is decoded into again. Use
// [Text.String] or [CreateChatCompletionData.Clone] to keep it.
type Text []byte

// String returns a copy, which is not borrowed.
func (t Text) String() string { return string(t) }

// MarshalJSON encodes t as a JSON string.
func (t Text) MarshalJSON() ([]byte, error) { return jsonwire.AppendString(nil, t), nil }

// UnmarshalJSON sets t to the value of a JSON string, in new memory.
func (t *Text) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	*t = Text(s)
	return nil
}
