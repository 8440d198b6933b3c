package chatstream

// memberSet is a set of an object's members, by their numbers in names_gen.go.
type memberSet uint32

func (s memberSet) has(member int) bool { return s&(1<<member) != 0 }

// objectKind describes a type of object.
type objectKind struct {
	names []string // of its members, by their numbers
	wants []string // the values that they take, in English: "a string"
}

// number returns the number of the member called name, or noMember.
func (k *objectKind) number(name Text) int {
	for i := range k.names {
		if k.names[i] == string(name) {
			return i
		}
	}
	return noMember
}

// noMember is the number of a member without a field.
const noMember = -1
