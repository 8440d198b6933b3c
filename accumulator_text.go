package chatstream

import "slices"

// joined is a string that comes in pieces.
type joined struct {
	text  Text
	state presence // the strongest that came: absent, null, set
}

func (j *joined) emptied() joined { return joined{text: j.text[:0]} }

// value returns the string so far.
func (j *joined) value() Optional[Text] {
	if j.state != set {
		return Optional[Text]{state: j.state}
	}
	return Some(slices.Clip(j.text))
}

// add adds a piece. It is inlined, since most members are absent.
func (j *joined) add(l *ledger, piece *Optional[Text]) {
	if !piece.IsAbsent() {
		j.addPresent(l, piece)
	}
}

func (j *joined) addPresent(l *ledger, piece *Optional[Text]) {
	if piece.IsSet() {
		j.addText(l, piece.Value)
	} else {
		j.state = max(j.state, piece.state)
	}
}

// addText adds a piece that is set, or the JSON text of a number or boolean that came
// where a string belongs.
func (j *joined) addText(l *ledger, piece []byte) {
	j.state = set
	addText(l, &j.text, piece)
}

// addFirst keeps the first string that is not empty.
func (j *joined) addFirst(l *ledger, o *Optional[Text]) {
	if len(j.text) == 0 {
		j.addMissing(l, o)
	}
}

func (j *joined) addMissing(l *ledger, o *Optional[Text]) {
	j.state = max(j.state, o.state)
	if o.IsSet() && l.charge(len(o.Value)) {
		put(l, &j.text, o.Value)
	}
}

// fieldText returns the text of a field. Where a number or boolean came in its place it is
// in extra, and its JSON text counts.
func fieldText(field *Optional[Text], extra Members, name string) Text {
	if field.IsSet() {
		return field.Value
	}
	if len(extra) == 0 {
		return nil
	}
	return scalarOf(extra, name)
}

// scalarOf returns the JSON text of a number or boolean among members without a field.
func scalarOf(extra Members, name string) Text {
	for i := range extra {
		if m := &extra[i]; string(m.Name) == name && isScalar(m.Value) {
			return Text(m.Value)
		}
	}
	return nil
}
