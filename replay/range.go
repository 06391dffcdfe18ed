package replay

import (
	"errors"
	"strings"
)

// A Range is the events between two points: those after From, up to and including
// To. Ranges can be compared with ==.
type Range struct {
	From, To Point
	Single   bool // written as the single point To; From is the start
}

// maxRange bounds the length of a written range, in bytes.
const maxRange = 2*maxPoint + len("..")

const rangeForms = "write A..B, A.. (up to the head), ..B (from the start) or one point"

// ParseRange parses "A..B", "A.." (up to the head), "..B" (from the start), or a
// single point. The error is a [PointError].
func ParseRange(s string, env Env) (Range, error) {
	if len(s) > maxRange {
		return Range{}, &PointError{Point: s[:maxPoint], Reason: "it is too long", Next: rangeForms}
	}
	if s == ".." {
		return Range{}, &PointError{Point: s, Reason: "a range needs a point", Next: rangeForms}
	}
	r, err := parseRange(s, env)
	var pe *PointError
	if errors.As(err, &pe) {
		if right := meantRange(s, env); right != "" && (pe.Point != s || pe.Near == nil) {
			pe.Near, pe.For = []string{right}, s
		}
	}
	return r, err
}

func parseRange(s string, env Env) (Range, error) {
	var fault error
	for i := 0; i+1 < len(s); i++ {
		if s[i:i+2] != ".." {
			continue
		}
		// At most one place can be right: unquoted ids and types contain no "..", and
		// quoted ones end at their closing quotes.
		r, err := parseEnds(s[:i], s[i+2:], env)
		if err == nil {
			return r, nil
		}
		if fault == nil {
			fault = err
		}
	}
	p, err := ParsePoint(s, env)
	if err == nil {
		return Range{From: Start(), To: p, Single: true}, nil
	}
	switch {
	case fault == nil:
		return Range{}, err
	case strings.Contains(s, "...") && !strings.Contains(s, `"`):
		return Range{}, &PointError{Point: s, Reason: "a range has two dots", Next: rangeForms}
	}
	return Range{}, fault
}

func parseEnds(from, to string, env Env) (Range, error) {
	r := Range{From: Start(), To: Head()}
	var err error
	if from != "" {
		if r.From, err = ParsePoint(from, env); err != nil {
			return Range{}, err
		}
	}
	if to != "" {
		if r.To, err = ParsePoint(to, env); err != nil {
			return Range{}, err
		}
	}
	return r, nil
}

// String formats the range so that [ParseRange] returns the same one.
func (r Range) String() string {
	if r.Single {
		return r.To.String()
	}
	return r.From.String() + ".." + r.To.String()
}

// An Address is one way to read what a user wrote for a stream.
type Address struct {
	Stream string
	At     string // a point or a range, not yet parsed
	HasAt  bool   // there is an @; At may still be empty
}

// SplitAddress returns every way to read "STREAM", "STREAM@POINT" and
// "STREAM@A..B", longest stream first. Streams can contain "@" and ":", so only
// the store can decide which is meant: the caller takes the first address whose
// stream exists under exactly that name, and only then considers prefixes.
func SplitAddress(s string) []Address {
	ways := []Address{{Stream: s}}
	for i := len(s) - 1; i > 0 && len(s)-i-1 <= maxRange; i-- {
		if s[i] == '@' {
			ways = append(ways, Address{Stream: s[:i], At: s[i+1:], HasAt: true})
		}
	}
	return ways
}
