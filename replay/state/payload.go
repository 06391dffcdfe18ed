package state

// An Oddity is a set of flags for a payload that is readable but not strictly valid.
type Oddity uint8

const (
	KeyTwice  Oddity = 1 << iota // an object has a key twice; the last value counts
	NotFinite                    // NaN or an infinity as a number; it is read as a string
)

// ParsePayload is [Parse], except that it reads NaN, Infinity and -Infinity, which
// some libraries write as numbers, as strings.
func ParsePayload(data []byte) (Value, Oddity, error) {
	p := parsers.Get().(*Parser)
	defer parsers.Put(p)
	return p.parsePayload(data)
}

// ParsePayload is the function [ParsePayload], with the memory of [Parser.Parse].
func (p *Parser) ParsePayload(data []byte) (Value, Oddity, error) {
	p.Reset()
	if len(data) <= shareUpTo {
		p.text = string(data)
	}
	return p.parsePayload(data)
}

// ParseNext is [Parser.ParsePayload], except that trees since the last Reset stay
// valid. text is data as a string. The tree's strings, except keys and strings with
// escapes, are substrings of it and retain its memory.
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

// notFinite parses a number that JSON does not have.
func (p *Parser) notFinite(word string) (Value, bool) {
	p.oddity |= NotFinite
	return StringValue(word), p.word(word)
}
