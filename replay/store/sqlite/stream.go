package sqlite

import (
	"encoding/hex"
	"fmt"
	"strconv"

	"zombiezen.com/go/sqlite"

	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// MapStream decides how stream ids are shown, according to the values in the column:
// text as it is, integers in decimal, blobs in hexadecimal. If the column has several of
// these kinds, they are different spellings of one kind of id, and a blob that is valid
// text is the same id as that text.
func MapStream(l *table.Layout, p *Probe, col *table.Column) error {
	name := l.Cols[source.Stream]
	least, most, err := p.classes(l.From, name)
	if err != nil {
		return err
	}
	switch {
	case least == cell.Real || most == cell.Real:
		return fmt.Errorf("column %s contains real numbers, which are not stream ids", col.Name)
	case least != most, least == cell.Blob && col.Affinity() == cell.Text:
		return mapMixed(l, p, name)
	case least == cell.Int:
		l.Cols[source.Stream] = "CAST(" + name + " AS TEXT)"
		l.StreamKey = name
		l.StreamArg = func(id string) (any, bool) { return integerID(id) }
	case least == cell.Blob:
		l.Cols[source.Stream] = "CASE typeof(" + name + ") WHEN 'blob' THEN lower(hex(" + name + ")) ELSE " + name + " END"
		l.StreamKey = name
		l.StreamArg = func(id string) (any, bool) { return blobID(id) }
	}
	return nil
}

func integerID(id string) (int64, bool) {
	n, err := strconv.ParseInt(id, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == id
}

func blobID(id string) ([]byte, bool) {
	b, err := hex.DecodeString(id)
	return b, err == nil && hex.EncodeToString(b) == id
}

// classes returns the storage classes of the least and greatest values of a column.
// Numbers sort before texts, and texts before blobs. With an index this is immediate.
func (p *Probe) classes(from, name string) (least, most cell.Kind, err error) {
	var v [2]cell.Value
	for i, end := range []string{"min", "max"} {
		if v[i], err = p.First("SELECT " + end + "(" + name + " COLLATE BINARY) FROM " + from); err != nil {
			return 0, 0, err
		}
	}
	return v[0].Kind, v[1].Kind, nil
}

// mapMixed shows all ids as text, through a function registered with the connection.
func mapMixed(l *table.Layout, p *Probe, name string) error {
	l.Cols[source.Stream] = "asof_text(" + name + ")"
	l.MatchStream = func(arg func(any) string, id string) (string, bool) {
		// First compare with each possible storage class, which an index can serve, and
		// then exactly, because a column's affinity may turn the id into a number.
		number, blob := any(id), any([]byte(id))
		if n, ok := integerID(id); ok {
			number = n
		}
		raw := blob
		if b, ok := blobID(id); ok {
			raw = b
		}
		return name + " IN (" + arg(id) + ", " + arg(number) + ", " + arg(blob) + ", " + arg(raw) + ") AND " +
			l.Cols[source.Stream] + " = " + arg(id), true
	}
	return p.conn.CreateFunction("asof_text", &sqlite.FunctionImpl{
		NArgs: 1, Deterministic: true,
		Scalar: func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
			v := args[0]
			switch v.Type() {
			case sqlite.TypeBlob:
			case sqlite.TypeNull:
				return v, nil
			default:
				return sqlite.TextValue(v.Text()), nil
			}
			b := v.Blob()
			if cell.IsText(b) {
				return sqlite.TextValue(string(b)), nil
			}
			return sqlite.TextValue(hex.EncodeToString(b)), nil
		},
	})
}
