package replay

import "strings"

// A Range is what is between two points: the events after From, up to and
// including To. Ranges can be compared with ==.
type Range struct {
	From, To Point
	Single   bool // a single point was written, which is To; From is the start
}

// maxRange bounds the length of a written range, in bytes.
const maxRange = 2*maxPoint + len("..")

const rangeForms = "write A..B, A.. (up to the head), ..B (from the start) or one point"

// ParseRange reads "A..B", "A.." (up to the head), "..B" (from the start), or a
// single point. What it does not accept is a [PointError].
func ParseRange(s string, env Env) (Range, error) {
	if len(s) > maxRange {
		return Range{}, &PointError{Point: s[:maxPoint], Reason: "it is too long", Next: rangeForms}
	}
	if s == ".." {
		return Range{}, &PointError{Point: s, Reason: "a range needs a point", Next: rangeForms}
	}
	var fault error
	for i := 0; i+1 < len(s); i++ {
		if s[i:i+2] != ".." {
			continue
		}
		// At most one of the places is right: bare ids and types hold no "..", and
		// quoted ones end where their quotes do.
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

// String writes the range so that [ParseRange] reads the same one.
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
	HasAt  bool   // there was an @; At may be empty all the same
}

// SplitAddress returns every way to read "STREAM", "STREAM@POINT" and
// "STREAM@A..B", longest stream first. Streams can contain "@" and ":", so only
// the store can tell which is meant: the caller takes the first whose stream is
// there under exactly that name, and only then considers prefixes.
func SplitAddress(s string) []Address {
	ways := []Address{{Stream: s}}
	for i := len(s) - 1; i > 0 && len(s)-i-1 <= maxRange; i-- {
		if s[i] == '@' {
			ways = append(ways, Address{Stream: s[:i], At: s[i+1:], HasAt: true})
		}
	}
	return ways
}
