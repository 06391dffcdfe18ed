package table

import (
	"errors"
	"fmt"
	"strconv"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// A Row is one row of a statement that asks for events.
type Row struct {
	Vals [source.NumFields]cell.Value
	Item cell.Value // which of the row's events it is
	cell.Stamper
}

// At returns the value of a field.
func (r *Row) At(c source.Field) *cell.Value { return &r.Vals[c] }

// integer returns the value of a column that orders events: nothing else than a
// whole number does, because text compares otherwise.
func (r *Row) integer(c source.Field) (int64, error) {
	v := &r.Vals[c]
	n, ok := v.Integer()
	if !ok {
		return 0, fmt.Errorf("its %s is %s, not an integer", source.FieldNames[c], v.Describe())
	}
	return n, nil
}

// VersionSpan reads the first version of a stream and the last.
func VersionSpan(first, last *cell.Value) (lo, hi replay.Version, err error) {
	a, ok := first.Integer()
	b, too := last.Integer()
	if !ok || !too {
		return 0, 0, fmt.Errorf("a version that is not an integer: %s … %s", first.Describe(), last.Describe())
	}
	return replay.Version(a), replay.Version(b), nil
}

// coordinates fills in where the event is.
func (r *Row) coordinates(e *replay.Event, names *cell.Interner, hasPosition bool) error {
	e.Position = replay.NoPosition
	if hasPosition {
		n, err := r.integer(source.Position)
		if err != nil {
			return err
		}
		if replay.Position(n) == replay.NoPosition {
			return errors.New("its position is out of range")
		}
		e.Position = replay.Position(n)
	}
	stream := &r.Vals[source.Stream]
	if stream.Kind != cell.Text {
		return fmt.Errorf("its stream is %s, not text", stream.Describe())
	}
	e.Stream = replay.StreamID(names.Of(stream.B))
	n, err := r.integer(source.Version)
	if err != nil {
		return err
	}
	e.Version = replay.Version(n)
	return nil
}

// where names the row for an error, as far as its coordinates can be read.
func (r *Row) where() string {
	s := fmt.Sprintf("stream %q", r.Vals[source.Stream].Text())
	if n, err := r.integer(source.Version); err == nil {
		s += " version " + strconv.FormatInt(n, 10)
	}
	if n, err := r.integer(source.Position); err == nil {
		s += " (position " + strconv.FormatInt(n, 10) + ")"
	}
	return s
}

// fault says of which row an error is, unless it says so itself.
func (r *Row) fault(err error) error {
	var d *replay.DuplicateError
	if errors.As(err, &d) {
		return err
	}
	return fmt.Errorf("%s: %w", r.where(), err)
}

// TextOf returns a column that every event has, as a string that is kept.
func TextOf(r *Row, c source.Field, names *cell.Interner) (string, error) {
	v := r.At(c)
	if v.Kind != cell.Text {
		return "", errors.New("its " + source.FieldNames[c] + " is " + v.Describe() + ", not text")
	}
	return names.Of(v.B), nil
}
