package query_test

import (
	"errors"
	"strings"
	"testing"

	"asof/inspect/query"
)

// TestParametersAreRefused: a parameter has no value, and an answer as if it were NULL would
// be a wrong one. What only looks like one is none.
func TestParametersAreRefused(t *testing.T) {
	db := openDB(t, nil, "")
	defer db.Close()
	for sql, at := range map[string]int{
		"SELECT 1 WHERE 1 = ?": 19, "SELECT ?2": 7, "SELECT ':a', :a": 13, "SELECT count(*) FROM cart WHERE stream = @s": 41,
		"SELECT '?' /* ? */ -- ?\n, $a": 26, "SELECT ':a', '$.b' AS \"@c\", json_extract('{\"?\":1}', '$.?')": -1,
	} {
		_, err := rowsOf(db, sql)
		var bad *query.Error
		switch {
		case at < 0 && err != nil, at >= 0 && !errors.As(err, &bad):
			t.Errorf("%s: %v", sql, err)
		case at >= 0 && (bad.Offset != at || !strings.Contains(bad.Msg, "parameter")):
			t.Errorf("%s: %q at %d, want %d", sql, bad.Msg, bad.Offset, at)
		}
	}
}
