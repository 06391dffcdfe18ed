package contrast

import (
	"strconv"
	"strings"

	"asof/replay/state"
)

// A Kind is a kind of feature.
type Kind string

// The kinds. A feature without a type is of an event of any type.
const (
	OfType   Kind = "type"     // an event of the type
	Revision Kind = "revision" // Value is the revision
	Actor    Kind = "actor"    // Value is the actor
	Member   Kind = "member"   // the payload has Path
	Value    Kind = "value"    // the payload has Value at Path, as JSON
	Least    Kind = "at_least" // the payload has a number at Path that is at least Value
	Negative Kind = "negative" // the payload has a number below 0 at Path
	Shape    Kind = "shape"    // the payload has the members Value and no others
	Metadata Kind = "metadata" // the metadata has Value at Path, as JSON
	Changed  Kind = "changed"  // the event changed Path of the state
	Before   Kind = "before"   // an event of the type is followed, at any distance, by one of type Value
	Next     Kind = "next"     // an event of the type is followed at once by one of type Value
	Gap      Kind = "gap"      // at least Value passed since the event before
	Quick    Kind = "quick"    // less than Value passed since the event before
	Hour     Kind = "hour"     // recorded in the hour Value of a day in UTC
	Day      Kind = "day"      // recorded on the day Value in UTC
	Live     Kind = "release"  // recorded while the release Value was live
)

// order ranks kinds that describe the same streams: what a person can act on comes first.
var order = map[Kind]int{
	Value: 1, Negative: 2, Member: 0, Revision: 4, Metadata: 3, Live: 6, Actor: 5, OfType: 7, Before: 8, Next: 9,
	Changed: 10, Least: 11, Shape: 12, Gap: 13, Quick: 14, Day: 15, Hour: 16,
}

// A Feature is something that an event has, or two events in order.
type Feature struct {
	Kind  Kind
	Type  string // of the event; empty: any
	Path  string // a JSON pointer with * for an array index
	Value string
}

// Text describes the feature.
func (f Feature) Text() string {
	who, about := f.Type, f.Detail()
	switch f.Kind {
	case OfType:
		return f.Type
	case Before, Next:
		return f.Type + " " + about
	}
	if who == "" {
		who = "an event"
	}
	if f.Kind == Changed {
		return who + " that " + about
	}
	return who + " " + about
}

// Detail describes the feature without the type.
func (f Feature) Detail() string {
	switch f.Kind {
	case Revision:
		return "of revision " + f.Value
	case Actor:
		return "by " + f.Value
	case Member:
		return "with " + dotted("data", f.Path)
	case Value:
		return "with " + dotted("data", f.Path) + " = " + f.Value
	case Least:
		return "with " + dotted("data", f.Path) + " of " + f.Value + " or more"
	case Negative:
		return "with " + dotted("data", f.Path) + " below 0"
	case Shape:
		return "with no members but " + f.Value
	case Metadata:
		return "with " + dotted("metadata", f.Path) + " = " + f.Value
	case Changed:
		return "changed " + f.Path
	case Before:
		if f.Type == f.Value {
			return "twice"
		}
		return "before " + f.Value
	case Next:
		return "directly before " + f.Value
	case Gap:
		return f.Value + " or more after the event before"
	case Quick:
		return "less than " + f.Value + " after the event before"
	case Hour:
		n, _ := strconv.Atoi(f.Value)
		return "between " + clock(n) + " and " + clock(n+1) + " UTC"
	case Day:
		return "on " + f.Value + " UTC"
	case Live:
		return "while " + f.Value + " was live"
	}
	return ""
}

func clock(hour int) string {
	s := strconv.Itoa(hour) + ":00"
	if hour < 10 {
		s = "0" + s
	}
	return s
}

// dotted writes a pointer as an expression would: data.items[].sku.
func dotted(root, pointer string) string {
	var b strings.Builder
	b.WriteString(root)
	tokens, _ := state.ParsePointer(pointer) // of a feature
	for _, token := range tokens {
		if token == "*" {
			b.WriteString("[]")
		} else {
			b.WriteString("." + token)
		}
	}
	return b.String()
}
