package replay

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"asof/replay/fault"
)

// The errors of the engine say what, where and why in one lower-case sentence. Their
// [fault.Remedy] says what to do next; each front end words it its own way.

// A PointError is a point that cannot be understood.
type PointError struct {
	Point  string
	Reason string
	Near   []string // what may be meant, likeliest first
	For    string   // what Near replaces; empty: Point
	Next   string   // the hint
	Time   bool     // only a time is taken
}

func (e *PointError) Error() string {
	what := "point"
	if e.Time {
		what = "time"
	}
	return fmt.Sprintf("bad %s %q: %s", what, e.Point, e.Reason)
}

// Class returns [fault.Usage].
func (e *PointError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindBadPoint] or [fault.KindBadTime].
func (e *PointError) Fault() fault.Kind {
	if e.Time {
		return fault.KindBadTime
	}
	return fault.KindBadPoint
}

// Remedy returns what to do next.
func (e *PointError) Remedy() fault.Remedy {
	if len(e.Near) > 0 {
		return fault.Remedy{Near: e.Near, For: cmp.Or(e.For, e.Point)}
	}
	return fault.Try(e.Next)
}

// A NotFoundError is a stream, event, point or path that does not exist.
type NotFoundError struct {
	Kind string       // "stream", "event", "version", …
	Name string       // as the user wrote it
	In   string       // where it was looked up; may be empty
	Near []string     // similar names, nearest first
	Have string       // what there is, shown after Near: "its versions are 1 to 31"
	Next fault.Remedy // used if Near is empty

	LeftOut []string // what is stored and not shown, and may be what is missing
}

func (e *NotFoundError) Error() string {
	s := fmt.Sprintf("no %s %q", e.Kind, e.Name)
	if e.In != "" {
		s += " in " + e.In
	}
	if len(e.LeftOut) > 0 {
		s += "; left out: " + strings.Join(e.LeftOut, ", ")
	}
	return s
}

// Class returns [fault.NotFound].
func (e *NotFoundError) Class() fault.Class { return fault.NotFound }

// Fault returns the kind for what was not found.
func (e *NotFoundError) Fault() fault.Kind {
	if k, ok := missingKinds[e.Kind]; ok {
		return k
	}
	return fault.KindNotFound
}

// missingKinds are the faults of what has one of its own when it is not found.
var missingKinds = map[string]fault.Kind{
	"stream": fault.KindNoStream, "event": fault.KindNoEvent, "version": fault.KindNoVersion, "point": fault.KindNoPoint,
	"event of type": fault.KindUnknownType, "projection": fault.KindNoProjection, "partition": fault.KindNoProjection,
}

// Remedy returns what to do next.
func (e *NotFoundError) Remedy() fault.Remedy {
	if len(e.Near) > 0 {
		return fault.Remedy{Near: e.Near, For: e.Name, Text: e.Have}
	}
	return e.Next
}

// An AmbiguousError is a prefix that matches several names.
type AmbiguousError struct {
	Kind, Name string
	Matches    []string // some of the matching names
	More       bool     // Matches is incomplete
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%s %q is ambiguous", e.Kind, e.Name)
}

// Class returns [fault.Usage].
func (e *AmbiguousError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindAmbiguous].
func (*AmbiguousError) Fault() fault.Kind { return fault.KindAmbiguous }

// Remedy returns what to do next.
func (e *AmbiguousError) Remedy() fault.Remedy {
	s := "it could be " + strings.Join(e.Matches, ", ")
	if e.More {
		s += ", …"
	}
	return fault.Remedy{Said: e.Matches, Text: s}
}

// An UnsupportedError is a question that a dialect cannot answer, because it
// lacks something that the question needs.
type UnsupportedError struct {
	Dialect string
	Lacks   string // "positions", "times", "ids", …
	Next    fault.Remedy
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("a store of dialect %s has no %s", e.Dialect, e.Lacks)
}

// Class returns [fault.Usage].
func (e *UnsupportedError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindUnsupported].
func (*UnsupportedError) Fault() fault.Kind { return fault.KindUnsupported }

// Remedy returns what to do next.
func (e *UnsupportedError) Remedy() fault.Remedy { return e.Next }

// A StoreError is a store that is missing, unreadable, corrupt or of an unknown
// dialect.
type StoreError struct {
	Path string
	Op   string // "open", "read", …
	Err  error
	Next fault.Remedy

	Foreign bool // the file is not a store at all
}

func (e *StoreError) Error() string { return fmt.Sprintf("%s %s: %v", e.Op, e.Path, e.Err) }

// Unwrap returns the cause.
func (e *StoreError) Unwrap() error { return e.Err }

// Class returns [fault.Store].
func (e *StoreError) Class() fault.Class { return fault.Store }

// Fault returns the kind of the cause, or else one for what failed.
func (e *StoreError) Fault() fault.Kind {
	var cause fault.Error
	switch {
	case errors.As(e.Err, &cause) && cause.Class() == fault.Store:
		return fault.KindOf(cause)
	case errors.Is(e.Err, fs.ErrNotExist):
		return fault.KindNoStore
	case e.Foreign:
		return fault.KindNotAStore
	case e.Op == "write":
		return fault.KindCantWrite
	}
	return fault.KindBadStore
}

// Remedy returns what to do next.
func (e *StoreError) Remedy() fault.Remedy { return e.Next }

// A DuplicateError is a stream that has a version twice. Its history is ambiguous,
// and no question about it or about the whole store has an answer.
type DuplicateError struct {
	Stream  StreamID
	Version Version
	Where   string // where both events are, such as "positions 1 and 2"; may be empty
}

func (e *DuplicateError) Error() string {
	s := fmt.Sprintf("stream %q has two events with version %d", e.Stream, e.Version)
	if e.Where != "" {
		s += " (" + e.Where + ")"
	}
	return s
}

// Class returns [fault.Store].
func (e *DuplicateError) Class() fault.Class { return fault.Store }

// Fault returns [fault.KindDuplicate].
func (*DuplicateError) Fault() fault.Kind { return fault.KindDuplicate }

// Remedy returns what to do next.
func (e *DuplicateError) Remedy() fault.Remedy {
	return fault.Try("another column may hold the version, or a tenant or a type may be missing from the stream")
}

// A PayloadError is a part of an event that is expected to be JSON but is not, such
// as its metadata. An unreadable payload is an [OpaqueError].
type PayloadError struct {
	At  Moment
	Err error
}

func (e *PayloadError) Error() string {
	return fmt.Sprintf("payload of %s: %v", e.At.Label(), e.Err)
}

// Class returns [fault.Store].
func (e *PayloadError) Class() fault.Class { return fault.Store }

// Fault returns [fault.KindUnread].
func (*PayloadError) Fault() fault.Kind { return fault.KindUnread }

// Remedy returns nothing: the message says it all.
func (e *PayloadError) Remedy() fault.Remedy { return fault.Remedy{} }

// Unwrap returns the cause.
func (e *PayloadError) Unwrap() error { return e.Err }

// An OpaqueError is an unreadable payload that a question needs.
type OpaqueError struct {
	At     Moment
	Reason string
}

func (e *OpaqueError) Error() string {
	return fmt.Sprintf("payload of %s: %s", e.At.Label(), e.Reason)
}

// Class returns [fault.Store].
func (e *OpaqueError) Class() fault.Class { return fault.Store }

// Fault returns [fault.KindUnread].
func (*OpaqueError) Fault() fault.Kind { return fault.KindUnread }

// Remedy returns nothing: the message says it all.
func (e *OpaqueError) Remedy() fault.Remedy { return fault.Remedy{} }

// A FoldError is a reducer or an upcaster that failed at an event. The state before
// that event stays valid.
type FoldError struct {
	At     Moment
	By     string // the projection or upcaster
	Err    error
	Next   fault.Remedy
	Source string // the line of the source, with a caret under the fault; may be empty
}

func (e *FoldError) Error() string {
	if e.At.IsStart() {
		return fmt.Sprintf("%s failed before the first event: %v", e.By, e.Err)
	}
	return fmt.Sprintf("%s failed at %s: %v", e.By, e.At.Label(), e.Err)
}

// Unwrap returns the cause.
func (e *FoldError) Unwrap() error { return e.Err }

// Class returns [fault.Fold], or [fault.Store] if the stored event is at fault.
func (e *FoldError) Class() fault.Class {
	var payload *PayloadError
	var opaque *OpaqueError
	if errors.As(e.Err, &payload) || errors.As(e.Err, &opaque) {
		return fault.Store
	}
	return fault.Fold
}

// Fault returns [fault.KindFoldFailed], or the kind of a cause that says more.
func (e *FoldError) Fault() fault.Kind {
	switch {
	case e.Class() == fault.Store:
		return fault.KindUnread
	case errors.Is(e.Err, errUnhandled):
		return fault.KindUnhandled
	}
	return fault.KindFoldFailed
}

// Remedy returns what to do next.
func (e *FoldError) Remedy() fault.Remedy { return e.Next }
