package propose

import (
	"slices"
	"strings"
	"unicode"
)

// The names that columns go by, in lower case and without anything between their words,
// so that entityType, entity_type and "Entity Type" are one.
var (
	streamNames = []string{
		"streamid", "stream", "streamname", "streamkey", "aggregateid", "aggregateuuid", "aggregaterootid", "aggregaterootuuid", "aggregatekey", "aggregate",
		"aggid", "agg", "originatorid", "entityid", "entityuuid", "entitykey", "persistenceid", "subjectid", "sourceid",
	}
	weakStreams = []string{
		"ref", "reference", "account", "accountno", "subject", "entity", "caseid", "case", "documentid", "recordid",
		"resourceid", "objectid", "itemid", "key", "code",
	}
	partitionNames = []string{"partitionkey", "pk"} // of a document store, with a key that sorts within it
	sortNames      = []string{"sortkey", "rowkey", "sk"}
	readerNames    = []string{
		"listenerid", "handlerid", "consumerid", "subscriberid", "subscriptionid", "processorid", "workerid", "requestid", "traceid", "sessionid",
		"batchid", "jobid", "transactionid", "txid", "spanid", "rowkey", "sortkey", "partitionkey", "idempotencykey", "dedupkey",
	}
	kindNames = []string{
		"aggregatetype", "aggregatename", "aggregateclass", "streamtype", "streamcategory", "entitytype", "entityname", "entityclass", "subjecttype", "objecttype",
		"sourcetype", "originatortype", "category", "modeltype", "tablename", "recordtype", "resourcetype", "modelname",
	}
	ofAnyKind   = []string{"entity", "aggregate", "subject", "object", "resource", "record", "model", "target", "document"}
	wholes      = []string{"event", "aggregate", "stream", "entity", "message", "subject"} // which have a name, an id, a type
	tenantNames = []string{
		"tenant", "tenantid", "tenantuuid", "tenantkey", "org", "orgid", "organization", "organizationid", "organisation", "organisationid",
		"workspace", "workspaceid", "company", "companyid", "realm", "namespace",
	}
	versionNames = []string{
		"version", "streamversion", "streamposition", "streamrevision", "aggregateversion", "entityversion", "originatorversion", "aggversion", "aggver", "sequence",
		"sequencenumber", "sequenceno", "sequencenr", "seq", "seqnr", "seqno", "seqnum", "playhead", "revision", "eventnumber",
		"eventno", "eventversion", "eventsequence", "position", "number", "no", "nr", "ordinal", "offset", "idx",
		"rev", "ver",
	}
	positionNames = []string{
		"globalposition", "globalsequence", "globalseq", "globalsequenceno", "globalid", "globalversion", "globaloffset", "logposition", "position", "id",
		"seqid", "sequenceid", "ordering", "offset", "sequence", "seq", "no", "nr", "eventno",
	}
	strongTypes = []string{"eventtype", "eventname", "eventclass", "eventkind", "event", "messagetype", "messagename", "eventtypename", "evttype", "clrtype", "eventclrtype"}
	typeNames   = []string{"type", "kind", "topic", "action", "verb", "name", "manifest", "operation", "activity", "typename"}
	dataNames   = []string{
		"data", "payload", "body", "eventdata", "evtdata", "eventjson", "eventbody", "eventpayload", "eventproperties", "properties",
		"state", "content", "contents", "messagedata", "json", "jsondata", "details", "attributes", "arguments", "changes",
		"message",
	}
	metaNames = []string{"metadata", "meta", "headers", "header", "eventmetadata", "messagemetadata", "context", "eventmeta"}
	timeNames = []string{
		"time", "timestamp", "createdat", "created", "createdon", "createdtime", "createddate", "occurredat", "occurredon", "occurred",
		"recordedat", "recordedon", "insertedat", "happenedat", "eventtime", "eventtimestamp", "eventdate", "at", "ts", "tsms",
		"when", "date", "stamp", "writetimestamp", "createdutc", "datetime", "loggedat",
	}
	idNames       = []string{"eventid", "messageid", "eventuuid", "id", "uuid", "guid", "ulid"}
	actorNames    = []string{"actor", "actorid", "userid", "username", "user", "createdby", "performedby", "changedby", "modifiedby", "author"}
	corrNames     = []string{"correlationid", "correlation"}
	causNames     = []string{"causationid", "causation"}
	schemaNames   = []string{"schemaversion", "schemarevision", "typeversion", "payloadversion", "formatversion"}
	revisionNames = []string{"schemaversion", "eventversion", "typeversion", "payloadversion", "formatversion", "version", "revision", "schemarevision", "rev", "ver"}
	countWords    = []string{"version", "ver", "seq", "sequence", "no", "nr", "number", "position", "index", "revision", "rev"}
	beforeWords   = []string{"old", "before", "previous", "prev", "prior", "original"}
	ofEntities    = []string{"event", "events", "eventlog", "activity", "activities", "actions", "transitions", "journal", "audit", "audits"}
	plannedNames  = []string{
		"startsat", "endsat", "startat", "endat", "starttime", "endtime", "startdate", "enddate", "scheduledat", "scheduledfor",
		"dueat", "duedate", "location", "venue",
	}
	tableNames = []string{
		"event", "events", "journal", "journals", "outbox", "eventlog", "eventstore", "messages", "history", "ledger",
		"auditlog", "changelog", "audittrail",
	}
)

// words splits a name at its capitals and at what is neither letter nor digit.
func words(name string) []string {
	var out []string
	var word []rune
	runes := []rune(name)
	end := func() {
		if len(word) > 0 {
			out = append(out, strings.ToLower(string(word)))
			word = nil
		}
	}
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end()
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			end()
		}
		word = append(word, r)
	}
	end()
	return out
}

// prefix is the word that every name begins with; empty where there is none, or where
// a name is nothing else.
func prefix(names [][]string) string {
	if len(names) < 3 {
		return ""
	}
	for _, n := range names {
		if len(n) < 2 || n[0] != names[0][0] {
			return ""
		}
	}
	return names[0][0]
}

// NamesRow reports whether a name is usual for what numbers or names rows, and not for
// what counts within an entity.
func NamesRow(name string) bool {
	n := strings.Join(words(name), "")
	return slices.Contains(idNames, n) || slices.Contains(positionNames, n) && !slices.Contains(versionNames, n)
}

// called reports whether the column goes by one of the names.
func (c *column) called(names []string) bool {
	return slices.Contains(names, c.name) || c.short != "" && slices.Contains(names, c.short)
}

// endsIn reports whether its last word is one of these.
func (c *column) endsIn(last ...string) bool {
	return len(c.words) > 0 && slices.Contains(last, c.words[len(c.words)-1])
}

// best returns the free column that stands first in the names and that fits.
func (a *analysis) best(names []string, fits func(*column) bool) *column {
	for _, n := range names {
		for _, c := range a.columns {
			if !a.taken[c] && (c.name == n || c.short == n) && fits(c) {
				return c
			}
		}
	}
	return nil
}
