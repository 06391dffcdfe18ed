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

// fromEnds are the words that end a FROM.
var fromEnds = wordSet(`except group having intersect limit order select union where window`)

// sourcesOf are the names of a statement that may be those of tables, in lower case: a
// column that is called like a table, such as state, is not one. Without a FROM, all names
// may.
func sourcesOf(sql string) map[string]bool {
	in, all, any, before := map[string]bool{}, map[string]bool{}, false, token{text: ";"}
	from := false
	var outer []bool // from, of each open parenthesis
	for t := range tokensOf(sql) {
		if name := strings.ToLower(t.name()); name != "" {
			all[name] = true
			if from && before.is("from", "join", ",", "(", ".") || before.is("in") {
				in[name] = true
			}
		}
		switch word := strings.ToLower(t.text); {
		case word == "(":
			outer = append(outer, from)
		case word == ")" && len(outer) > 0:
			from, outer = outer[len(outer)-1], outer[:len(outer)-1]
		case word == "from" || word == "join":
			from, any = true, true
		case fromEnds[word]:
			from = false
		}
		before = t
	}
	if !any {
		return all
	}
	return in
}
