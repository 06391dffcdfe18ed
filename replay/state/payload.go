package state

// An Oddity is what is odd about a payload that can be read all the same: none,
// one or several of the following.
type Oddity uint8

const (
	KeyTwice  Oddity = 1 << iota // an object has a key twice: the last value counts
	NotFinite                    // NaN or an infinity stands as a number: it is read as a text
)

// ParsePayload does as [Parse] does, but takes NaN, Infinity and -Infinity, which
// some libraries write as numbers, for texts that say so. It returns what is odd
// about the text.
func ParsePayload(data []byte) (Value, Oddity, error) {
	p := parsers.Get().(*Parser)
	defer parsers.Put(p)
	return p.parsePayload(data)
}

// ParsePayload does as the function [ParsePayload] does, in the memory of
// [Parser.Parse].
func (p *Parser) ParsePayload(data []byte) (Value, Oddity, error) {
	p.Reset()
	if len(data) <= shareUpTo {
		p.text = string(data)
	}
	return p.parsePayload(data)
}

// ParseNext does as [Parser.ParsePayload] does, but leaves the trees since the last
// Reset as they are. text is data as a string: the tree's strings, but for keys
// and what is written with escapes, are cut from it, and hold all of what it was
// cut from.
func (p *Parser) ParseNext(data []byte, text string) (Value, Oddity, error) {
	p.reuse, p.text = true, text
	return p.parsePayload(data)
}

func (p *Parser) parsePayload(data []byte) (Value, Oddity, error) {
	p.payload, p.oddity = true, 0
	v, err := p.parse(data, MaxTree)
	p.payload = false
	return v, p.oddity, err
}

var minusInfinity = []byte("-Infinity")

// notFinite reads what is no number to JSON.
func (p *Parser) notFinite(word string) (Value, bool) {
	p.oddity |= NotFinite
	return StringValue(word), p.word(word)
}
