package store

import (
	"encoding/hex"
	"fmt"
	"strconv"

	"zombiezen.com/go/sqlite"
)

// mapStream decides how ids are shown, by what the column holds: text as it is,
// integers in decimal, blobs in hexadecimal. Where it holds several of these, they
// are ids of one kind that were written in several ways: a blob that is text is the
// id that the text is.
func (l *layout) mapStream(p *probe, col *tableColumn) error {
	name := l.cols[colStream]
	least, most, err := p.classes(l.from, name)
	if err != nil {
		return err
	}
	switch {
	case least == kindReal || most == kindReal:
		return fmt.Errorf("column %s holds real numbers, which are no ids of streams", col.name)
	case least != most, least == kindBlob && col.affinity() == kindText:
		return l.mapMixed(p, name)
	case least == kindInt:
		l.cols[colStream] = "CAST(" + name + " AS TEXT)"
		l.streamKey = name
		l.streamArg = func(id string) (any, bool) { return integerID(id) }
	case least == kindBlob:
		l.cols[colStream] = "CASE typeof(" + name + ") WHEN 'blob' THEN lower(hex(" + name + ")) ELSE " + name + " END"
		l.streamKey = name
		l.streamArg = func(id string) (any, bool) { return blobID(id) }
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

// classes returns how the least and the greatest value of a column are stored:
// numbers come before texts, and texts before blobs. An index gives them at once.
func (p *probe) classes(from, name string) (least, most kind, err error) {
	var v [2]value
	for i, end := range []string{"min", "max"} {
		if v[i], err = p.first("SELECT " + end + "(" + name + " COLLATE BINARY) FROM " + from); err != nil {
			return 0, 0, err
		}
	}
	return v[0].kind, v[1].kind, nil
}

// mapMixed shows all ids as texts, by a function that the connection has for it.
func (l *layout) mapMixed(p *probe, name string) error {
	l.cols[colStream] = "asof_text(" + name + ")"
	l.matchStream = func(arg func(any) string, id string) (string, bool) {
		// As each class that may be it, so that an index serves; and then exactly,
		// because a column may turn what it is compared with into a number.
		number, blob := any(id), any([]byte(id))
		if n, ok := integerID(id); ok {
			number = n
		}
		raw := blob
		if b, ok := blobID(id); ok {
			raw = b
		}
		return name + " IN (" + arg(id) + ", " + arg(number) + ", " + arg(blob) + ", " + arg(raw) + ") AND " +
			l.cols[colStream] + " = " + arg(id), true
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
			if isText(b) {
				return sqlite.TextValue(string(b)), nil
			}
			return sqlite.TextValue(hex.EncodeToString(b)), nil
		},
	})
}
