package chatstream

import (
	"bytes"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// messageMembers are the members of a message without a field, or whose JSON type is not their
// field's. Their strings come in pieces, like those of the fields.
type messageMembers struct {
	members Members
	// times has, for each member, how often its value came in a row. It is 0 once the value
	// is joined from different values.
	times []int
}

func (p *messageMembers) emptied() messageMembers {
	return messageMembers{members: p.members[:0], times: p.times[:0]}
}

// add adds a member. It joins strings and lists, and replaces other values. A repeated value
// may be a label that comes with each chunk, or a piece. add keeps it once until another value
// comes.
func (p *messageMembers) add(l *ledger, m *Member) {
	if len(m.Value) == 0 || jsonwire.IsNull(m.Value, 0) {
		return
	}
	i := findMember(p.members, m.Name)
	if i < 0 {
		p.addNew(l, m)
		return
	}
	switch held := &p.members[i].Value; {
	case isEmptyValue(m.Value):
	case p.times[i] > 0 && bytes.Equal(m.Value, *held):
		p.times[i]++
	case isList(m.Value) && isList(*held):
		p.joinList(l, i, m.Value)
	case isJoined(m.Name, *held, m.Value):
		p.join(l, i, m.Value)
	default:
		replace(l, held, m.Value)
		p.times[i] = 1
		p.spell(l, i)
	}
}

// addOfField adds a value whose JSON type is not that of the member's field.
func (p *messageMembers) addOfField(l *ledger, m *Member) {
	keepMember(l, &p.members, m, keepAll)
	p.level(l)
}

// addLast adds a member of which only the last value counts.
func (p *messageMembers) addLast(l *ledger, m *Member) {
	keepMember(l, &p.members, m, keepLast)
	p.level(l)
	if i := findMember(p.members, m.Name); i >= 0 {
		p.times[i] = 1
	}
}

func (p *messageMembers) addNew(l *ledger, m *Member) {
	if keepNew(l, &p.members, m) {
		p.level(l)
		p.spell(l, len(p.members)-1)
	}
}

// level adds the count of a member that has just been added.
func (p *messageMembers) level(l *ledger) {
	if len(p.times) < len(p.members) {
		*extend(l, &p.times, intSize) = 1 // memberSize has room for it
	}
}

// spell makes a number or boolean a string if the member is a text.
func (p *messageMembers) spell(l *ledger, i int) {
	v := &p.members[i].Value
	if isThought(p.members[i].Name) && isScalar(*v) && l.chargeText(len(`""`)) {
		quote(l, v)
	}
}

// isJoined reports whether v continues the value of a member. A string continues a string, and
// so does a number or boolean that came instead of a string.
func isJoined(name Text, held, v RawValue) bool {
	switch string(name) {
	case "channel", "phase", "status", "type", "format", "id", "name", "role", "language":
		return false
	}
	if isEmptyValue(held) {
		return false
	}
	if isRawString(held) {
		return isRawString(v) || isScalar(v)
	}
	return isScalar(held) && isRawString(v)
}

// isThought reports whether a member without a field has reasoning as text.
func isThought(name Text) bool {
	return string(name) == "reasoning_text" || string(name) == "cot_summary" || string(name) == "thinking"
}

// join adds a string or a scalar to the string of a member.
func (p *messageMembers) join(l *ledger, i int, v RawValue) {
	held := &p.members[i].Value
	n, next := len(inner(*held)), inner(v)
	if p.times[i] > 0 && bytes.Equal(inner(*held), next) {
		p.times[i]++
		return
	}
	repeated := max(p.times[i]-1, 0)
	if !l.chargeText(repeated*n + len(next) + len(`""`)) {
		return
	}
	if !isRawString(*held) {
		quote(l, held)
	}
	*held = (*held)[:1+n] // all but the last quotation mark
	for range repeated {
		put(l, held, (*held)[1:1+n])
	}
	put(l, held, next)
	put(l, held, `"`)
	p.times[i] = 0
}

// joinList adds the elements of a list to the list of a member.
func (p *messageMembers) joinList(l *ledger, i int, v RawValue) {
	held := &p.members[i].Value
	if isEmptyValue(*held) {
		replace(l, held, v)
		return
	}
	elements := elementsOf(*held)
	for range p.times[i] - 1 {
		appendElements(l, held, elements)
	}
	joinElements(l, held, v)
	p.times[i] = 0
}

// quote puts quotation marks around v. They must have been charged.
func quote(l *ledger, v *RawValue) {
	put(l, v, `""`)
	text := *v
	copy(text[1:], text[:len(text)-len(`""`)])
	text[0] = '"'
}
