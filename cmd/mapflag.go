package cmd

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A mapFlag is the value of --map: FIELD=COLUMN pairs separated by commas. A comma in
// quotes, double for a name or single for a constant, does not separate.
type mapFlag map[string]string

func (m *mapFlag) String() string {
	pairs := make([]string, 0, len(*m))
	for _, field := range slices.Sorted(maps.Keys(*m)) {
		pairs = append(pairs, field+"="+(*m)[field])
	}
	return strings.Join(pairs, ",")
}

// Type names the value in the help.
func (m *mapFlag) Type() string { return "stringToString" }

// Set adds the pairs of one occurrence of the flag.
func (m *mapFlag) Set(text string) error {
	if *m == nil {
		*m = mapFlag{}
	}
	for text != "" {
		var pair string
		var err error
		if pair, text, err = cutPair(text); err != nil {
			return err
		}
		field, to, ok := strings.Cut(pair, "=")
		if !ok {
			return fmt.Errorf("%s must be formatted as key=value", pair)
		}
		(*m)[field] = to
	}
	return nil
}

// cutPair cuts the text after its first pair. A pair that is in quotes as a whole is
// what they hold, as in CSV.
func cutPair(text string) (pair, rest string, err error) {
	var quote byte
	whole := text[0] == '"'
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == '"' || c == '\'' && !whole:
			if c == '"' || i > 0 && strings.IndexByte("=+:", text[i-1]) >= 0 {
				quote = c
			}
		case c == ',':
			return unquoted(text[:i], whole), text[i+1:], nil
		}
	}
	if quote != 0 {
		return "", "", errors.New("a quote does not end in " + text)
	}
	return unquoted(text, whole), "", nil
}

func unquoted(pair string, whole bool) string {
	if !whole || len(pair) < 2 || pair[len(pair)-1] != '"' {
		return pair
	}
	return strings.ReplaceAll(pair[1:len(pair)-1], `""`, `"`)
}
