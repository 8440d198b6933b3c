package main

import (
	"fmt"
	"slices"
	"strings"
)

// strictFlag lists the findings that fail the command: levels, kinds and names of checks. A minus
// before an item removes its findings.
type strictFlag []string

func (s *strictFlag) String() string { return strings.Join(*s, ",") }

// IsBoolFlag allows -strict without a value, which means -strict=finding.
func (s *strictFlag) IsBoolFlag() bool { return true }

// Set is called with "true" for -strict without a value.
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
	if strings.HasPrefix((*s)[0], "-") { // all findings except these
		*s = append(strictFlag{levelFinding.String()}, *s...)
	}
	return nil
}

func isSelector(s string) bool {
	return slices.Contains(levelNames, s) || slices.ContainsFunc(allChecks, func(c *check) bool { return c.name == s || c.kind() == s })
}

// takes reports whether a finding of the check fails the command. The last item that names the
// check counts.
func (s strictFlag) takes(c *check) bool {
	for i := len(s) - 1; i >= 0; i-- {
		item, without := strings.CutPrefix(s[i], "-")
		worst := slices.Index(levelNames, item) // -1 if it is not a level
		if c.name == item || c.kind() == item || int(c.level) <= worst {
			return !without
		}
	}
	return false
}

// listOfChecks returns the output of -checks.
func listOfChecks() string {
	var b strings.Builder
	for _, c := range allChecks {
		fmt.Fprintf(&b, "%-27s %-8s %s\n", c.name, c.level, c.what)
	}
	return b.String()
}
