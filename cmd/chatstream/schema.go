package main

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/seed-08fc7208/chatstream"
)

// checkSchema adds the violations that Validate reports.
func checkSchema(f *findings, c *chunk, at place) {
	joined, ok := c.Validate().(interface{ Unwrap() []error })
	if !ok {
		return
	}
	for _, err := range joined.Unwrap() {
		var v *chatstream.ValidationError
		switch {
		case !errors.As(err, &v):
		case v.Path == "usage" && c.Usage.IsNull():
			f.add(schemaUsageNull, v.Path, "", at)
		default:
			what, example := generalReason(v.Reason)
			f.addWhat(schemaObjection, generalPath(v.Path), what, example, at)
		}
	}
}

var listIndex = regexp.MustCompile(`\[\d+\]`)

// generalPath leaves the list indices out of a path.
func generalPath(path string) string { return listIndex.ReplaceAllString(path, "[]") }

// generalReason removes the value at the beginning of a reason, so that all values with the same
// fault are one finding. Values that are not in an enumeration are few: each of them is its own
// finding.
func generalReason(reason string) (what, example string) {
	quoted, err := strconv.QuotedPrefix(reason)
	rest := reason[len(quoted):]
	if err != nil || strings.Contains(rest, "[") {
		return reason, ""
	}
	value, _ := strconv.Unquote(quoted)
	if rest, cut := strings.CutPrefix(rest, "..."); cut {
		return strings.TrimSpace(rest), value + "..."
	}
	return strings.TrimSpace(rest), value
}
