package table

import (
	"errors"
	"fmt"
	"strconv"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// A Row is a row of a statement that selects events.
type Row struct {
	Vals  [source.NumFields]cell.Value
	Item  cell.Value   // the index of the event within the row
	Parts []cell.Value // the texts of the payload, if the statement selects them one by one
	Name  string       // of the stream, if the engine has it as a string already
	cell.Stamper
}

// At returns the value of a field.
func (r *Row) At(c source.Field) *cell.Value { return &r.Vals[c] }

// integer returns the value of a column that orders events. It must be an integer, because
// text has another order.
func (r *Row) integer(c source.Field) (int64, error) {
	v := &r.Vals[c]
	n, ok := v.Integer()
	if !ok {
		return 0, fmt.Errorf("its %s is %s, not an integer", source.FieldNames[c], v.Describe())
	}
	return n, nil
}

// VersionSpan reads the first and last version of a stream.
func VersionSpan(first, last *cell.Value) (lo, hi replay.Version, err error) {
	a, ok := first.Integer()
	b, too := last.Integer()
	if !ok || !too {
		return 0, 0, fmt.Errorf("a version that is not an integer: %s … %s", first.Describe(), last.Describe())
	}
	return replay.Version(a), replay.Version(b), nil
}

// coordinates fills in the event's stream, version and position.
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
	if e.Stream = replay.StreamID(r.Name); r.Name == "" {
		e.Stream = replay.StreamID(names.Of(stream.B))
	}
	n, err := r.integer(source.Version)
	if err != nil {
		return err
	}
	e.Version = replay.Version(n)
	return nil
}

// where describes the row for an error, as far as its coordinates are readable.
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

// fault adds the row to an error, unless the error already has it.
func (r *Row) fault(err error) error {
	var d *replay.DuplicateError
	if errors.As(err, &d) {
		return err
	}
	return fmt.Errorf("%s: %w", r.where(), err)
}

// TextOf returns a required column as an interned string.
func TextOf(r *Row, c source.Field, names *cell.Interner) (string, error) {
	v := r.At(c)
	if v.Kind != cell.Text {
		return "", errors.New("its " + source.FieldNames[c] + " is " + v.Describe() + ", not text")
	}
	return names.Of(v.B), nil
}
