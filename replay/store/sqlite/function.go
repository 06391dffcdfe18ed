package sqlite

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zombiezen.com/go/sqlite"

	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// SQL functions for mappings. SQLite's own would fail on the first row without valid JSON,
// and lose digits of real numbers.

// Return forms of asof_json.
const (
	jsonText   = "0" // a string, number or boolean, as text
	jsonNumber = "1" // a number; other values as text
	jsonValue  = "2" // any value as JSON
)

func jsonForm(f source.Field) string {
	switch f {
	case source.Version, source.Position, source.Revision, source.Time:
		return jsonNumber
	case source.Data, source.Meta:
		return jsonValue
	}
	return jsonText
}

// addFunctions registers the functions with the connection.
func addFunctions(conn *sqlite.Conn) error {
	var payloads cell.PayloadDecoder
	pointers := map[string]cell.Pointer{}
	err := conn.CreateFunction("asof_json", &sqlite.FunctionImpl{
		NArgs: 3, Deterministic: true,
		Scalar: func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
			path := args[1].Text()
			at, ok := pointers[path]
			if !ok {
				at, _ = cell.ParsePointer(path)
				pointers[path] = at
			}
			doc, opaque := payloads.Decode(valueOf(args[0]))
			if opaque != "" {
				return sqlite.Value{}, nil
			}
			return found(doc, at, args[2].Text()), nil
		},
	})
	if err != nil {
		return err
	}
	objects := map[string][]objectKey{}
	return conn.CreateFunction("asof_object", &sqlite.FunctionImpl{
		NArgs: -1, Deterministic: true,
		Scalar: func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
			text := args[0].Text()
			keys, ok := objects[text]
			if !ok {
				if err := json.Unmarshal([]byte(text), &keys); err != nil {
					return sqlite.Value{}, err
				}
				objects[text] = keys
			}
			return sqlite.TextValue(objectOf(keys, args[1:])), nil
		},
	})
}

// clockOrder returns SQL that sorts times by time, not by how they are written.
func clockOrder(e string) string { return "asof_time(" + e + ")" }

// addClock registers the function of clockOrder. Numbers come before texts, as in SQLite.
func addClock(conn *sqlite.Conn, zone *time.Location) error {
	times := cell.NewTimes(zone, "", nil)
	return conn.CreateFunction("asof_time", &sqlite.FunctionImpl{
		NArgs: 1, Deterministic: true,
		Scalar: func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
			v := args[0]
			if v.Type() != sqlite.TypeText && v.Type() != sqlite.TypeBlob {
				return v, nil
			}
			b := v.Blob()
			if text, ok := times.Sortable(b); ok {
				return sqlite.TextValue(text), nil
			}
			if n, err := strconv.ParseInt(string(b), 10, 64); err == nil {
				return sqlite.IntegerValue(n), nil
			}
			if f, err := strconv.ParseFloat(string(b), 64); err == nil && cell.IsNumber(b) {
				return sqlite.FloatValue(f), nil
			}
			return v, nil
		},
	})
}

// addTexts registers the function of [Probe.Array].
func addTexts(conn *sqlite.Conn) error {
	var out []byte
	return conn.CreateFunction("asof_texts", &sqlite.FunctionImpl{
		NArgs: -1, Deterministic: true,
		Scalar: func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
			out = out[:0]
			for _, v := range args {
				switch v.Type() {
				case sqlite.TypeNull:
					out = cell.AppendNoText(out)
				case sqlite.TypeBlob:
					out = cell.AppendText(out, v.Blob())
				default:
					out = cell.AppendText(out, v.Text())
				}
			}
			return sqlite.BlobValue(out), nil
		},
	})
}

func valueOf(v sqlite.Value) *cell.Value {
	switch v.Type() {
	case sqlite.TypeInteger:
		return &cell.Value{Kind: cell.Int, Num: v.Int64()}
	case sqlite.TypeFloat:
		return &cell.Value{Kind: cell.Real, Real: v.Float()}
	case sqlite.TypeText:
		return &cell.Value{Kind: cell.Text, B: []byte(v.Text())}
	case sqlite.TypeBlob:
		return &cell.Value{Kind: cell.Blob, B: v.Blob()}
	}
	return &cell.Value{}
}

// found returns the value of the pointer, in the given form.
func found(doc []byte, at cell.Pointer, form string) sqlite.Value {
	if form == jsonValue {
		if raw, ok := at.Raw(doc); ok {
			return sqlite.TextValue(string(raw))
		}
		return sqlite.Value{}
	}
	text, ok := at.Find(doc)
	if !ok {
		return sqlite.Value{}
	}
	if form == jsonNumber {
		if n, ok := cell.WholeNumber([]byte(text)); ok {
			return sqlite.IntegerValue(n)
		}
		if f, err := strconv.ParseFloat(text, 64); err == nil && cell.IsNumber([]byte(text)) {
			return sqlite.FloatValue(f)
		}
	}
	return sqlite.TextValue(text)
}

// An objectKey is a member of an object that is built from columns.
type objectKey struct {
	Name string `json:"n"`
	JSON bool   `json:"j"` // the column is declared as JSON
}

// objectKeys returns SQL for the keys of an object.
func objectKeys(cols []*table.Column) string {
	keys := make([]objectKey, len(cols))
	for i, c := range cols {
		keys[i] = objectKey{c.Name, strings.Contains(strings.ToUpper(c.Type), "JSON")}
	}
	b, err := json.Marshal(keys)
	if err != nil {
		panic(err) // names and booleans
	}
	return table.QuoteText(string(b))
}

// objectOf builds an object: numbers as they are, NULL as null, and blobs as text, or in
// hexadecimal if they are not text, as a text that is not UTF-8.
func objectOf(keys []objectKey, values []sqlite.Value) string {
	out := []byte{'{'}
	for i, v := range values {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendString(out, keys[i].Name), ':')
		switch v.Type() {
		case sqlite.TypeInteger:
			out = strconv.AppendInt(out, v.Int64(), 10)
		case sqlite.TypeFloat:
			if f := v.Float(); math.IsInf(f, 0) {
				out = appendString(out, strconv.FormatFloat(f, 'g', -1, 64))
			} else {
				out = cell.AppendReal(out, f)
			}
		case sqlite.TypeText:
			if s := v.Text(); cell.WellFormed(s) {
				out = appendText(out, s, keys[i].JSON)
			} else {
				out = appendString(out, hex.EncodeToString([]byte(s)))
			}
		case sqlite.TypeBlob:
			if b := v.Blob(); cell.IsText(b) {
				out = appendText(out, string(b), keys[i].JSON)
			} else {
				out = appendString(out, hex.EncodeToString(b))
			}
		default:
			out = append(out, "null"...)
		}
	}
	return string(append(out, '}'))
}

func appendText(out []byte, s string, isJSON bool) []byte {
	if isJSON && json.Valid([]byte(s)) {
		return append(out, s...)
	}
	return appendString(out, s)
}

// appendString appends a string as [json.Marshal] writes it.
func appendString[T string | []byte](out []byte, s T) []byte {
	start, done := len(out), 0
	out = append(out, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			out = append(append(out, s[done:i]...), '\\', c)
			done = i + 1
		case c < ' ' || c >= utf8.RuneSelf || c == '<' || c == '>' || c == '&':
			return appendOther(out[:start], string(s))
		}
	}
	return append(append(out, s[done:]...), '"')
}

// appendOther is appendString for a string of any characters.
func appendOther(out []byte, s string) []byte {
	if !utf8.ValidString(s) { // it may hold half of a surrogate pair
		return cell.AppendJSON(out, s)
	}
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string
	}
	return append(out, b...)
}
