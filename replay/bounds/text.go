package bounds

import (
	"encoding/binary"
	"errors"
	"math"
)

// errNotBounds means that a text is not of bounds.
var errNotBounds = errors.New("these are no bounds")

// AppendText appends a text that [Parse] reads, of a few bytes per part.
func (b *Bounds) AppendText(dst []byte) []byte { return b.root.appendText(dst) }

func (p *Part) appendText(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint16(dst, uint16(p.Kinds))
	if p.Kinds.Has(Numbers) {
		dst = binary.BigEndian.AppendUint64(dst, math.Float64bits(p.Low))
		dst = binary.BigEndian.AppendUint64(dst, math.Float64bits(p.High))
	}
	if p.Kinds.Has(Text) {
		dst = append(dst, byte(len(p.Texts)))
		for _, text := range p.Texts {
			dst = appendString(dst, text)
		}
	}
	if p.Kinds.Has(Array) {
		dst = binary.AppendUvarint(dst, uint64(p.Least))
		dst = binary.AppendUvarint(dst, uint64(p.Most-p.Least))
	}
	if p.Kinds.Has(Object) {
		dst = append(dst, byte(len(p.members)))
		for _, m := range p.members {
			dst = m.appendText(appendString(dst, m.key))
		}
	}
	return dst
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// Parse reads a text of [Bounds.AppendText].
func Parse(text []byte) (*Bounds, error) {
	r := reader{text: text}
	b := &Bounds{root: r.part(0)}
	if r.failed || len(r.text) > 0 {
		return nil, errNotBounds
	}
	return b, nil
}

// A reader reads a text from its beginning. Once it has failed, what it reads means nothing.
type reader struct {
	text   []byte
	parts  int
	failed bool
}

func (r *reader) part(deep int) *Part {
	p := &Part{deep: deep, Kinds: Kinds(binary.BigEndian.Uint16(r.take(2)))}
	if r.parts++; r.parts > mostParts || deep > mostDeep || p.Kinds&^all != 0 {
		r.failed = true
	}
	if p.Kinds.Has(Numbers) {
		p.Low, p.High = r.float(), r.float()
		r.failed = r.failed || !(p.Low <= p.High)
	}
	if p.Kinds.Has(Text) {
		n := int(r.take(1)[0])
		r.failed = r.failed || n == 0 || n > mostTexts || p.Kinds.Has(AnyText)
		for i := 0; i < n && !r.failed; i++ {
			p.text(r.string())
		}
	}
	if p.Kinds.Has(Array) {
		p.Least, p.Most = r.count(), r.count()
		p.Most += p.Least
	}
	if p.Kinds.Has(Object) {
		n := int(r.take(1)[0])
		for i := 0; i < n && !r.failed; i++ {
			key := r.string()
			if p.find(key) != nil {
				r.failed = true
			}
			m := r.part(deep + 1)
			m.key = key
			p.addMember(m)
		}
	}
	return p
}

// take returns the next n bytes, or zeros.
func (r *reader) take(n int) []byte {
	if r.failed = r.failed || n > len(r.text); r.failed {
		return make([]byte, min(n, 8))
	}
	b := r.text[:n]
	r.text = r.text[n:]
	return b
}

func (r *reader) float() float64 {
	f := math.Float64frombits(binary.BigEndian.Uint64(r.take(8)))
	r.failed = r.failed || math.IsInf(f, 0) || math.IsNaN(f)
	return f
}

// count reads a number of elements or bytes.
func (r *reader) count() int {
	n, size := binary.Uvarint(r.text)
	if r.failed = r.failed || size <= 0 || n > math.MaxInt32; r.failed {
		return 0
	}
	r.text = r.text[size:]
	return int(n)
}

func (r *reader) string() string { return string(r.take(min(r.count(), len(r.text)+1))) }
