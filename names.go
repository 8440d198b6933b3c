package chatstream

// memberSet is a set of an object's members, by their numbers below.
type memberSet uint16

func (s memberSet) has(member int) bool { return s&(1<<member) != 0 }

// objectKind is what a parser knows of one kind of object.
type objectKind struct {
	names []string
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
