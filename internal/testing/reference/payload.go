package reference

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
)

// trim takes away JSON's white space.
func trim(s string) string { return strings.Trim(s, " \t\r\n") }

func isJSON(payload string) bool { return json.Valid([]byte(payload)) }

func isObject(payload string) bool {
	return isJSON(payload) && strings.HasPrefix(trim(payload), "{")
}

// isCut reports whether a payload is the beginning of one, and not a whole one.
func isCut(payload string) bool {
	var v json.RawMessage
	err := json.NewDecoder(strings.NewReader(payload)).Decode(&v)
	text := strings.TrimLeft(payload, " \t")
	return err == io.ErrUnexpectedEOF || text != "" && strings.HasPrefix("[DONE]", text)
}

// members gives the members of an object, a repeated one as it stood last. A map of them matches names exactly, where
// encoding/json would match those of a struct by case too.
func members(object string) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	if isObject(object) && json.Unmarshal([]byte(object), &m) != nil {
		panic("BUG: a valid object does not decode")
	}
	return m
}

// hasError reports whether an object has an error in it, or is one in the way of vLLM.
func hasError(payload string) bool {
	m := members(payload)
	e, found := m["error"]
	_, isChunk := choiceList(m)
	var object string
	return found && string(e) != "null" || !isChunk && json.Unmarshal(m["object"], &object) == nil && object == "error"
}

// choices holds the indexes of the choices that were seen, and whether each has had its finish reason.
type choices map[int64]bool

const (
	maxTracked   = 128  // choices that are tracked
	maxInPayload = 1024 // choices in a chunk, beyond which its list is not built
)

// see notes the choices of a payload.
func (cs choices) see(payload string) {
	list, _ := choiceList(members(payload))
	for _, c := range list {
		var reason string
		finished := json.Unmarshal(c["finish_reason"], &reason) == nil && reason != ""
		index := integer(string(c["index"]))
		cs[index] = cs[index] || finished
	}
}

// choiceList gives the list of choices, if it is one that is built: not one with an element that is no object.
func choiceList(chunk map[string]json.RawMessage) (list []map[string]json.RawMessage, ok bool) {
	var elements []json.RawMessage
	if json.Unmarshal(chunk["choices"], &elements) != nil || elements == nil || len(elements) > maxInPayload {
		return nil, false
	}
	for _, e := range elements {
		if !isObject(string(e)) {
			return nil, false
		}
		list = append(list, members(string(e)))
	}
	return list, true
}

func (cs choices) allFinished() bool {
	for _, finished := range cs {
		if !finished {
			return false
		}
	}
	return 0 < len(cs) && len(cs) <= maxTracked
}

// integer gives the value of a number that is an integer in the range of int64, in any notation, and 0 for
// everything else.
func integer(number string) int64 {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(number), "e")
	digits, sign := strings.TrimPrefix(mantissa, "-"), ""
	if digits != mantissa {
		sign = "-"
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	digits = strings.TrimRight(whole+fraction, "0")
	shift := len(whole) - len(digits) // the number of zeros at the end, without the exponent
	if exponent != "" {
		e, err := strconv.Atoi(exponent)
		if err != nil || e < -1e6 || e > 1e6 {
			return 0
		}
		shift += e
	}
	digits = strings.TrimLeft(digits, "0")
	if shift < 0 || len(digits)+shift > len("9223372036854775807") {
		return 0
	}
	n, err := strconv.ParseInt(sign+digits+strings.Repeat("0", shift), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
