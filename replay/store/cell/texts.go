package cell

import (
	"bytes"
	"errors"
	"strconv"
)

// AppendText appends a text with its length in front.
func AppendText[T string | []byte](out []byte, text T) []byte {
	out = append(strconv.AppendInt(out, int64(len(text)), 10), ':')
	return append(out, text...)
}

// AppendNoText appends the mark of a text that is none.
func AppendNoText(out []byte) []byte { return append(out, '-', ':') }

// SplitTexts reads what [AppendText] and [AppendNoText] wrote, or a JSON array of texts and nulls, into out from
// its start. A text that is none is nil.
func SplitTexts(in []byte, out [][]byte) ([][]byte, error) {
	if len(in) > 0 && in[0] == '[' {
		return jsonTexts(in, out[:0])
	}
	out = out[:0]
	for len(in) > 0 {
		size, rest, ok := bytes.Cut(in, []byte{':'})
		if !ok {
			return nil, errNoTexts
		}
		if in = rest; string(size) == "-" {
			out = append(out, nil)
			continue
		}
		n, err := strconv.Atoi(string(size))
		if err != nil || n < 0 || n > len(rest) {
			return nil, errNoTexts
		}
		out, in = append(out, rest[:n:n]), rest[n:]
	}
	return out, nil
}

var errNoTexts = errors.New("not an array of texts")

func jsonTexts(in []byte, out [][]byte) ([][]byte, error) {
	s := PayloadScanner{In: in}
	s.Take('[')
	for s.Peek() != ']' {
		if s.Peek() == '"' {
			text, ok := Unquote(s.Str())
			if !ok {
				return nil, errNoTexts
			}
			out = append(out, []byte(text))
		} else {
			s.Value(0)
			out = append(out, nil)
		}
		if s.Peek() != ']' && !s.Take(',') || s.Bad {
			return nil, errNoTexts
		}
	}
	return out, nil
}
