package contrast

import (
	"math/big"
	"strconv"
	"strings"
)

// maxExponent bounds the exponents that are written out.
const maxExponent = 100

// canonical writes a number so that equal numbers are equal texts: 15.00 is 15. A number
// with a large exponent stays as it is.
func canonical(text string) string {
	exp := 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		n, err := strconv.Atoi(text[i+1:])
		r, ok := new(big.Rat), false
		if err == nil && n >= -maxExponent && n <= maxExponent {
			r, ok = r.SetString(text)
		}
		if !ok {
			return text
		}
		exp = max(-n, 0)
		text = r.FloatString(i + exp)
	}
	if strings.IndexByte(text, '.') >= 0 {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return text
}
