package scaffold

import (
	"strings"

	"asof/replay/state"
)

// A shape describes the payloads of a type.
type shape struct {
	seen   int // payloads
	odd    int // payloads that are not objects
	fields []*field
}

// A field is a member that some payloads have.
type field struct {
	name     string
	seen     int
	numbers  int // values that are numbers
	decimals int // strings with a decimal number, such as "12.30"
	digits   int // strings of digits
	texts    int // other strings
	objects  int
	others   int // null, true, false or an array
	fraction bool
	negative bool
	stream   int // values that name the stream
	inner    shape
}

// maxFields is the maximum number of fields of a shape: an object with more is a table
// by keys.
const maxFields = 60

func (s *shape) add(v state.Value, stream string) {
	s.seen++
	if v.Kind() != state.Object {
		s.odd++
		return
	}
	v.Node().Each(func(key string, m state.Value) bool {
		if f := s.field(key); f != nil {
			f.add(m, stream)
		}
		return true
	})
}

func (s *shape) field(name string) *field {
	for _, f := range s.fields {
		if f.name == name {
			return f
		}
	}
	if len(s.fields) == maxFields || name == "__proto__" {
		return nil
	}
	f := &field{name: strings.Clone(name)}
	s.fields = append(s.fields, f)
	return f
}

func (f *field) add(v state.Value, stream string) {
	f.seen++
	text := v.Text()
	switch v.Kind() {
	case state.Number:
		f.numbers++
		f.number(text)
	case state.String:
		switch {
		case !state.IsNumber(text) || len(text) > 40:
			f.texts++
		case strings.Contains(text, "."):
			f.decimals++
			f.number(text)
		default:
			f.digits++
		}
	case state.Object:
		f.objects++
		f.inner.add(v, stream)
	default:
		f.others++
	}
	if text != "" && strings.HasSuffix(stream, text) {
		f.stream++
	}
}

func (f *field) number(text string) {
	f.fraction = f.fraction || strings.ContainsAny(text, ".eE") || len(text) > 15
	f.negative = f.negative || text[0] == '-'
}

// always reports whether every payload of a shape has the field.
func (f *field) always(s *shape) bool { return s.odd == 0 && f.seen == s.seen }

// isAmount reports whether every value is a number, or a string with one.
func (f *field) isAmount() bool { return f.seen > 0 && f.numbers+f.decimals+f.digits == f.seen }

// isWhole reports whether every value is a number without a fraction.
func (f *field) isWhole() bool { return f.numbers == f.seen && !f.fraction }

// isText reports whether every value is a string.
func (f *field) isText() bool { return f.seen > 0 && f.texts+f.decimals+f.digits == f.seen }

// namesStream reports whether the field identifies the stream.
func (f *field) namesStream() bool { return f.stream == f.seen }
