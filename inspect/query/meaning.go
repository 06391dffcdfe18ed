package query

import "strings"

// mayMeanMember reports whether a name of a statement that means something else would mean
// a member of states that the sample lacks: SQLite takes an alias in a condition, or a column
// of another table, only if there is no such column.
func (db *DB) mayMeanMember(sql string) bool {
	uses := usesOf(sql)
	tables := db.mentioned(sql)
	for _, t := range tables {
		if t.proj == nil || t.kind == ofChanges || db.discovered[t.proj.Name] {
			continue
		}
		for name, n := range uses {
			if keywords[name] || operators[name] || t.hasColumn(name) || db.isTable(name) {
				continue
			}
			if n > 1 {
				return true
			}
			for _, other := range tables {
				if other.hasColumn(name) {
					return true
				}
			}
		}
	}
	return false
}

// operators are words that a condition often has twice, and that are no names there.
var operators = wordSet(`cast cross glob inner like match natural nulls range recursive regexp rows`)

func (t *table) hasColumn(name string) bool {
	for i := range t.cols {
		if strings.EqualFold(t.cols[i].name, name) {
			return true
		}
	}
	return false
}

func (db *DB) isTable(name string) bool {
	for _, t := range db.tables {
		if strings.EqualFold(t.name, name) {
			return true
		}
	}
	return false
}

// usesOf counts the names of a statement, in lower case. It does not count functions, names
// with a table and those tables, and the terms of an ORDER BY, which are aliases first.
func usesOf(sql string) map[string]int {
	var all []token
	for t := range tokensOf(sql) {
		all = append(all, t)
	}
	at := func(i int) token {
		if i < 0 || i >= len(all) {
			return token{text: ";"}
		}
		return all[i]
	}
	uses, ordered := map[string]int{}, false
	for i, t := range all {
		switch {
		case t.is("by"):
			ordered = at(i - 1).is("order")
		case t.is("limit", "select", "union", "except", "intersect", ")"):
			ordered = false
		}
		before, after := at(i-1), at(i+1)
		term := ordered && before.is("by", ",") && after.is(",", "asc", "desc", "nulls", "limit", ")", ";")
		name := strings.ToLower(t.name())
		if name == "" || name[0] >= '0' && name[0] <= '9' || before.is(".") || after.is(".", "(") || term {
			continue
		}
		uses[name]++
	}
	return uses
}
