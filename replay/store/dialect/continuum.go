package dialect

import (
	"errors"
	"slices"
	"strings"

	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// SQLAlchemy-Continuum 1.3 to 1.6 (Python) has a table of versions for each model, by
// default TABLE_version, and a table of transactions:
//
//	TABLE_version(the model's columns, transaction_id, operation_type, [end_transaction_id], [COLUMN_mod])
//	transaction(id, issued_at, [remote_addr, user_id])
//
// A table of versions has transaction_id and operation_type: 0 insert, 1 update, 2
// delete. Its key is the primary key without transaction_id. A version is the whole row;
// that of a delete may have only the key. end_transaction_id and COLUMN_mod say what the
// versions say, and are left out. The transaction is the correlation, user_id the actor,
// and its further columns are metadata. Versions are ordered by transaction, then by table
// and key, and positions count them in this order.
func continuumSQLite() sqlite.Dialect {
	return sqlite.Dialect{Name: "sqlalchemy-continuum", Match: matchContinuum[*sqlite.Probe]}
}

func continuumPostgres() postgres.Dialect {
	return postgres.Dialect{Name: "sqlalchemy-continuum", Match: matchContinuum[*postgres.Probe]}
}

var continuumOwn = []string{"transaction_id", "end_transaction_id", "operation_type"}

func matchContinuum[P table.RowProbe](p P) (*table.Layout, error) {
	h := &table.RowHistory{Rows: table.FullRows, Transactions: true}
	var names []string
	var tables []table.LiveTable
	transactions := p.Table("transaction")
	for _, t := range p.All() {
		needs := 2
		if t.Column("operation_type") != nil && versionedName(t) != t.Name || t.Column("end_transaction_id") != nil {
			needs = 1
		}
		if err := t.Partly(needs, "transaction_id", "operation_type"); err != nil {
			return nil, err
		}
		if t.Require("transaction_id", "operation_type") != nil {
			continue
		}
		if transactions == nil || transactions.Require("id", "issued_at") != nil {
			return nil, errors.New("no table transaction with id and issued_at")
		}
		key, err := p.PrimaryKey(t)
		if err != nil {
			return nil, err
		}
		key = slices.DeleteFunc(key, func(c string) bool { return strings.EqualFold(c, "transaction_id") })
		if len(key) == 0 {
			h.LeftOut = append(h.LeftOut, table.Omission{What: "table " + t.Name + ", which has no primary key"})
			continue
		}
		s, err := continuumSource(p, t, transactions, key)
		if err != nil {
			return nil, err
		}
		live, err := table.Live(p, versionedName(t), p.Table(versionedName(t)))
		if err != nil {
			return nil, err
		}
		h.Sources, names, tables = append(h.Sources, s), append(names, t.Name), append(tables, live)
	}
	if len(names) == 0 {
		return nil, errors.New(source.NoTable + "with transaction_id and operation_type")
	}
	h.Live = func() ([]table.LiveTable, error) { return tables, nil }
	h.Recognised = "transaction_id and operation_type in " + source.Listed(names, 5)
	return p.RowHistory(h), nil
}

// versionedName returns the name of the table whose rows have their versions in t.
func versionedName(t *table.Table) string {
	if stem, ok := strings.CutSuffix(t.Name, "_version"); ok && stem != "" {
		return stem
	}
	return t.Name
}

func continuumSource(p table.RowProbe, t, transactions *table.Table, key []string) (table.RowSource, error) {
	s := table.RowSource{
		Versions: t, Table: table.QuoteText(versionedName(t)),
		Joins: " LEFT JOIN " + p.Name(transactions) + " AS r ON " + transactions.Ref("r", "id") + " = " + t.Ref("v", "transaction_id"),
		Order: t.Ref("v", "transaction_id"), Time: transactions.Ref("r", "issued_at"), Correlation: p.Key("v", t.Column("transaction_id")),
		Type: "CASE " + t.Ref("v", "operation_type") + " WHEN 0 THEN 'insert' WHEN 1 THEN 'update' WHEN 2 THEN 'delete' END",
	}
	for _, k := range key {
		s.Keys = append(s.Keys, p.Key("v", t.Column(k)))
	}
	if c := transactions.Column("user_id"); c != nil {
		s.Actor = p.Key("r", c)
	}
	var names, values []string
	for _, c := range columnsBut(transactions, []string{"id", "issued_at", "user_id"}) {
		names, values = append(names, c.Name), append(values, p.Key("r", c))
	}
	s.Meta = p.Members(names, values)
	cols := slices.DeleteFunc(columnsBut(t, continuumOwn), func(c *table.Column) bool {
		return strings.HasSuffix(c.Name, "_mod") && strings.Contains(strings.ToLower(c.Type), "bool") && t.Column(strings.TrimSuffix(c.Name, "_mod")) != nil
	})
	var err error
	s.Data, err = p.Row("v", t, cols)
	return s, err
}
