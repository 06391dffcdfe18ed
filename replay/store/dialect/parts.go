package dialect

import (
	"errors"

	"asof/replay/store/cell"
)

// partsOf reads a JSON array of texts and nulls, as [table.RowProbe].Array writes it, into out
// from its start.
func partsOf(array []byte, out []*string) ([]*string, error) {
	s := cell.PayloadScanner{In: array}
	out = out[:0]
	if !s.Take('[') {
		return nil, errors.New("not an array of texts")
	}
	for s.Peek() != ']' {
		switch {
		case s.Peek() != '"':
			s.Value(0)
			out = append(out, nil)
		default:
			text, ok := cell.Unquote(s.Str())
			if !ok {
				return nil, errors.New("not an array of texts")
			}
			out = append(out, &text)
		}
		if s.Peek() != ']' && !s.Take(',') || s.Bad {
			return nil, errors.New("not an array of texts")
		}
	}
	return out, nil
}
