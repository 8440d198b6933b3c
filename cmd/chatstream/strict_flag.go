package main

import (
	"fmt"
	"slices"
	"strings"
)

// strictFlag says which findings fail the command. It is a list of levels, kinds
// and names of checks; one with a minus before it takes findings out again.
type strictFlag []string

func (s *strictFlag) String() string { return strings.Join(*s, ",") }

// IsBoolFlag makes -strict alone -strict=finding.
func (s *strictFlag) IsBoolFlag() bool { return true }

// Set is called with "true" for -strict alone.
func (s *strictFlag) Set(list string) error {
	if list == "true" {
		list = levelFinding.String()
	}
	for item := range strings.SplitSeq(list, ",") {
		if !isSelector(strings.TrimPrefix(item, "-")) {
			return fmt.Errorf("%q is not a level, a kind or a check: chatstream -checks lists them", item)
		}
		*s = append(*s, item)
	}
	if strings.HasPrefix((*s)[0], "-") { // all of them but these
		*s = append(strictFlag{levelFinding.String()}, *s...)
	}
	return nil
}

func isSelector(s string) bool {
	return slices.Contains(levelNames, s) || slices.ContainsFunc(allChecks, func(c *check) bool { return c.name == s || c.kind() == s })
}

// takes reports whether a finding of the check fails the command. The last item
// that has the check counts.
func (s strictFlag) takes(c *check) bool {
	for i := len(s) - 1; i >= 0; i-- {
		item, without := strings.CutPrefix(s[i], "-")
		worst := slices.Index(levelNames, item) // -1 if it is no level
		if c.name == item || c.kind() == item || int(c.level) <= worst {
			return !without
		}
	}
	return false
}

// listOfChecks is what -checks prints.
func listOfChecks() string {
	var b strings.Builder
	for _, c := range allChecks {
		fmt.Fprintf(&b, "%-27s %-8s %s\n", c.name, c.level, c.what)
	}
	return b.String()
}
