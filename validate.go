package chatstream

import (
	"errors"
	"fmt"
	"strings"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// ValidationError is one violation of the schema by a chunk.
type ValidationError struct {
	// Path is the path of the member, such as choices[0].delta.content.
	Path string
	// Reason describes what is wanted and what came, in English.
	Reason string
}

func (e *ValidationError) Error() string { return "chatstream: " + oneLine(e.Path) + ": " + e.Reason }

// Validate reports every violation of the schema by the chunk. It returns nil if there is
// none, and otherwise an error of [errors.Join] that wraps one [*ValidationError] for each:
//
//   - a required member that is missing,
//   - null for a member that must not be null,
//   - a value of another type, or a number out of range,
//   - a value that is not in its enumeration,
//   - a member that is repeated,
//   - a list that is too long or takes too much memory to be built.
//
// Members that the schema does not have are allowed. The streams of ordinary providers
// violate the schema every day, for example with "usage": null: filter by Path.
func (c *CreateChatCompletionData) Validate() error {
	var v validator
	v.chunk("", c)
	return errors.Join(v.objections...)
}

type validator struct{ objections []error }

func (v *validator) object(path string, kind *objectKind, repeated memberSet, extra []Member) objectValidator {
	o := objectValidator{v: v, prefix: path, kind: kind}
	if path != "" {
		o.prefix += "."
	}
	for i, name := range kind.names {
		if repeated.has(i) {
			o.object(name, "repeated; the last one counts")
		}
	}
	times := make(map[string]int, len(extra))
	for _, m := range extra {
		name := string(m.Name)
		if times[name]++; times[name] == 2 {
			o.object(name, "repeated")
		}
		if i := kind.number(m.Name); i != noMember {
			o.misshapen |= 1 << i
			o.object(name, wrongShape(m.Value, kind.wants[i]))
		}
	}
	return o
}

// wrongShape returns the reason why a value is in Extra although there is a field for it.
// wants describes the values of the field.
func wrongShape(v RawValue, wants string) string {
	var came string
	switch jsonwire.TypeOf(v) {
	case jsonwire.Null:
		return "null is not allowed"
	case jsonwire.Array:
		if strings.HasPrefix(wants, "a list") {
			return fmt.Sprintf("a list that is too long, takes too much memory or has an element of another type where %s belongs", wants)
		}
		came = "a list"
	case jsonwire.Object:
		if wants == "an object" {
			return "the chunk has too many objects for this one to be built"
		}
		came = "an object"
	case jsonwire.Number:
		if wants == "an integer" || wants == "a number" {
			return fmt.Sprintf("%s is not %s in range", beginningOf(v), wants)
		}
		came = "a number"
	case jsonwire.String:
		came = "a string"
	default:
		came = "a boolean"
	}
	return fmt.Sprintf("%s where %s belongs", came, wants)
}

// objectValidator checks the members of one object.
type objectValidator struct {
	v         *validator
	prefix    string
	kind      *objectKind
	misshapen memberSet // members whose value is in Extra; they are not missing
}

func (o *objectValidator) path(member int) string { return o.prefix + o.kind.names[member] }

func (o *objectValidator) element(member, i int) string {
	return fmt.Sprintf("%s[%d]", o.path(member), i)
}

func (o *objectValidator) object(name, reason string) {
	o.v.objections = append(o.v.objections, &ValidationError{Path: o.prefix + name, Reason: reason})
}

// optional adds a violation if the member is null.
func (o *objectValidator) optional(member int, state presence) {
	if state == null {
		o.object(o.kind.names[member], "null is not allowed")
	}
}

// required adds a violation if the member is missing.
func (o *objectValidator) required(member int, present bool) {
	if !present && !o.misshapen.has(member) {
		o.object(o.kind.names[member], "missing")
	}
}

// present adds a violation if the member is required and missing. It returns present.
func (o *objectValidator) present(member int, present, required bool) bool {
	if required {
		o.required(member, present)
	}
	return present
}

// enum adds a violation if value is none of values.
func (o *objectValidator) enum(member int, value string, values ...string) {
	for _, v := range values {
		if v == value {
			return
		}
	}
	o.object(o.kind.names[member], fmt.Sprintf("%s is not one of %q", beginningOf([]byte(value)), values))
}
