package drift

import (
	"strings"

	"asof/replay/decimal"
	"asof/replay/state"
)

// Columns write keys in their own way: 42.00 for the stream 42, $1,234.50 for 1234.5, a UUID
// in the other case or as its bytes. A key is compared as the streams of the store write such
// a value, if all of them write it alike: then their order is that of the keys. Otherwise it
// is compared as it stands.

// KeyForms are how the streams of a store write numbers and UUIDs. The zero forms are those of
// no stream.
type KeyForms struct {
	upper, lower bool // UUIDs in this case
	others       bool // streams that are not UUIDs

	uneven  bool // numbers with zeros at the end of their fractions
	scale   int  // the fraction of all numbers, in digits
	ragged  bool // they differ in it
	numbers bool
}

// See notes how a stream is written.
func (f *KeyForms) See(id string) {
	if isUUID(id) {
		f.upper = f.upper || id != strings.ToLower(id)
		f.lower = f.lower || id != strings.ToUpper(id)
		return
	}
	f.others = true
	plain, ok := plainNumber(id)
	if !ok {
		return
	}
	_, fraction, _ := strings.Cut(id, ".")
	f.uneven = f.uneven || id != plain && id != "-0" // whose zero is not at the end of a fraction
	f.ragged = f.ragged || f.numbers && len(fraction) != f.scale || strings.ContainsAny(id, "eE")
	f.scale, f.numbers = len(fraction), true
}

// Written returns a key as the streams write it. raw is its text as the database writes it.
func (f *KeyForms) Written(key state.Value, raw string) string {
	switch key.Kind() {
	case state.Number:
		if text, ok := f.number(key.Text()); ok {
			return text
		}
	case state.String:
		if isUUID(raw) {
			return f.uuid(raw)
		}
		if f.others || !f.upper && !f.lower {
			return raw
		}
		if uuid, ok := uuidOfBytes(key.Text()); ok {
			return f.uuid(uuid)
		}
	}
	return raw
}

func (f *KeyForms) uuid(text string) string {
	switch {
	case f.upper && f.lower: // some are written so, and some otherwise
		return text
	case f.upper:
		return strings.ToUpper(text)
	}
	return strings.ToLower(text)
}

func (f *KeyForms) number(text string) (string, bool) {
	plain, ok := plainNumber(text)
	switch {
	case !ok || f.uneven && f.ragged:
		return "", false
	case !f.uneven:
		return plain, true
	}
	_, fraction, ok := strings.Cut(plain, ".")
	if !ok {
		plain += "."
	}
	return plain + strings.Repeat("0", max(f.scale-len(fraction), 0)), true
}

// plainNumber writes a number without an exponent, and without zeros at its end. ok is false
// if it is none, or too large for that.
func plainNumber(text string) (plain string, ok bool) {
	if !state.IsNumber(text) {
		return "", false
	}
	d, err := decimal.Parse(text)
	if err != nil {
		return "", false
	}
	if plain = d.Fixed(); strings.Contains(plain, ".") {
		plain = strings.TrimRight(strings.TrimRight(plain, "0"), ".")
	}
	if plain == "-0" {
		plain = "0"
	}
	return plain, true
}
