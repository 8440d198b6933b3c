package chatstream

import (
	"bytes"
	"encoding/json"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// presence tells what stood in the place of an optional member.
type presence uint8

const (
	absent presence = iota // the member was not there
	null                   // the member was there and null
	set                    // the member had a value of its type
)

// Optional is the value of a member that may be absent or null. Its zero value
// is absent. Value is meaningful when IsSet; otherwise it is the zero value.
//
// A field of this type in a struct of your own wants the option omitzero in its json
// tag, so that absent stays absent.
type Optional[T any] struct {
	Value T
	state presence
}

// Some returns an Optional that is set to v.
func Some[T any](v T) Optional[T] { return Optional[T]{Value: v, state: set} }

// Null returns an Optional that is null.
func Null[T any]() Optional[T] { return Optional[T]{state: null} }

// IsAbsent reports whether the member was not there at all.
func (o Optional[T]) IsAbsent() bool { return o.state == absent }

// IsNull reports whether the member was there and null.
func (o Optional[T]) IsNull() bool { return o.state == null }

// IsSet reports whether the member had a value.
func (o Optional[T]) IsSet() bool { return o.state == set }

// IsZero reports whether the member is absent; encoding/json asks it for omitzero.
func (o Optional[T]) IsZero() bool { return o.state == absent }

// Get returns the value and whether there is one.
func (o Optional[T]) Get() (T, bool) { return o.Value, o.state == set }

// Or returns the value if there is one, otherwise alternative.
func (o Optional[T]) Or(alternative T) T {
	if o.state == set {
		return o.Value
	}
	return alternative
}

// MarshalJSON encodes the value, or null when there is none.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	if o.state != set {
		return []byte("null"), nil
	}
	return json.Marshal(o.Value)
}

// UnmarshalJSON decodes null to the null state and anything else to a set value.
// The memory is new: nothing of data or of the old value is kept.
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

// pointerState is the state of o, which is null if it is set to nil.
func pointerState[T any](o Optional[*T]) presence {
	if o.state == set && o.Value == nil {
		return null
	}
	return o.state
}

// Text is the value of a JSON string: unescaped, valid UTF-8, without quotes.
//
// A Text that a Decoder gave is borrowed: read-only, and valid until the next
// Decode, Reset or Close (after Unmarshal: until data is changed or dst is
// decoded into again). Use String or CreateChatCompletionData.Clone to keep it.
type Text []byte

// String returns a copy that the caller owns.
func (t Text) String() string { return string(t) }

// MarshalJSON encodes t as a JSON string.
func (t Text) MarshalJSON() ([]byte, error) { return jsonwire.AppendString(nil, t), nil }

// UnmarshalJSON decodes a JSON string into new memory.
func (t *Text) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	*t = Text(s)
	return nil
}
