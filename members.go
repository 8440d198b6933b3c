package chatstream

// Members are members of a JSON object in the order in which they stood there.
type Members []Member

// Member is one member of a JSON object.
type Member struct {
	Name  Text     // unescaped
	Value RawValue // as it stood in the payload
}

// RawValue is one JSON value as it stood in the payload, without the white space
// around it. It is borrowed like a Text.
type RawValue []byte

// String returns a copy that the caller owns.
func (v RawValue) String() string { return string(v) }

// MarshalJSON returns v itself, or null when v is empty.
func (v RawValue) MarshalJSON() ([]byte, error) {
	if len(v) == 0 {
		return []byte("null"), nil
	}
	return v, nil
}

// UnmarshalJSON sets v to a copy of data.
func (v *RawValue) UnmarshalJSON(data []byte) error {
	*v = append(RawValue(nil), data...)
	return nil
}
