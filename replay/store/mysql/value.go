package mysql

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"asof/replay/store/cell"
)

// setValue sets v to a value of the driver, whose bytes it shares. typ is the driver's name
// of the column's type.
func setValue(v *cell.Value, from any, typ string) error {
	*v = cell.Value{}
	switch x := from.(type) {
	case nil:
	case int64:
		v.Kind, v.Num = cell.Int, x
	case uint64:
		setUnsigned(v, x)
	case float32:
		f, err := strconv.ParseFloat(strconv.FormatFloat(float64(x), 'g', -1, 32), 64) // as the server writes it
		if err != nil {
			return err
		}
		v.Kind, v.Real = cell.Real, f
	case float64:
		v.Kind, v.Real = cell.Real, x
	case []byte:
		setBytes(v, x, typ)
	case string:
		setBytes(v, []byte(x), typ)
	default:
		return fmt.Errorf("the driver returns a %T", from)
	}
	return nil
}

// setUnsigned sets v to a number; one beyond int64 stays exact as text.
func setUnsigned(v *cell.Value, n uint64) {
	if n <= math.MaxInt64 {
		v.Kind, v.Num = cell.Int, int64(n)
		return
	}
	v.Kind, v.B = cell.Text, strconv.AppendUint(nil, n, 10)
}

func setBytes(v *cell.Value, b []byte, typ string) {
	v.Kind, v.B = cell.Text, b[:len(b):len(b)]
	switch {
	case typ == "DECIMAL":
		if n, ok := cell.WholeNumber(b); ok {
			v.Kind, v.Num, v.B = cell.Int, n, nil
		}
	case typ == "BIT":
		var n uint64
		for _, c := range b {
			n = n<<8 | uint64(c)
		}
		setUnsigned(v, n)
		if v.Kind == cell.Int {
			v.B = nil
		}
	case typ == "TIMESTAMP": // the session's zone is UTC
		if !bytes.HasPrefix(b, []byte("0000-00-00")) {
			v.B = append(append(make([]byte, 0, len(b)+1), b...), 'Z')
		}
	case strings.HasSuffix(typ, "BINARY"), strings.HasSuffix(typ, "BLOB"), typ == "GEOMETRY":
		v.Kind = cell.Blob
	}
}
