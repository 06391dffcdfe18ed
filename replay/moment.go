package replay

import (
	"fmt"
	"time"
)

// A Moment is a resolved [Point]: the coordinates of the last event it includes. Before
// the first event it has no version, and only Stream is set. On a timeline over many
// streams, Stream is the timeline's name and the version is a position.
type Moment struct {
	Stream    string
	Position  Position
	Time      time.Time
	EventID   string
	EventType string

	version Version
	after   bool // it includes an event
}

// At returns the version of the moment. ok is false before the first event.
func (m Moment) At() (v Version, ok bool) { return m.version, m.after }

// Version returns the version of the moment. It panics if [Moment.IsStart]: the caller
// must handle that case first.
func (m Moment) Version() Version {
	if !m.after {
		panic("the start of " + m.Stream + " has no version")
	}
	return m.version
}

// WithVersion returns the moment with another version.
func (m Moment) WithVersion(v Version) Moment {
	m.version, m.after = v, true
	return m
}

// IsStart reports whether the moment is before the first event.
func (m Moment) IsStart() bool { return !m.after }

// Label names the moment for people: "cart-42@17 (ItemAdded)".
func (m Moment) Label() string {
	switch {
	case m.IsStart():
		return m.Stream + "@start"
	case m.EventType == "":
		return fmt.Sprintf("%s@%d", m.Stream, m.version)
	default:
		return fmt.Sprintf("%s@%d (%s)", m.Stream, m.version, m.EventType)
	}
}
