# The fold of bysku.js in jq: an object by key, changed as the events stream by.
# An item is taken out by with_entries: del is what comes to mind, but jq's objects
# keep the room of what was deleted, and a million events then take four times as
# long.
reduce inputs as $e ({customer: null, items: {}, n: 0};
  .n += 1
  | if $e.type == "ItemQuantityChanged" then
      if .items[$e.data.sku] then .items[$e.data.sku].qty = $e.data.qty else . end
    elif $e.type == "ItemAdded" then .items[$e.data.sku] = {qty: $e.data.qty, price: $e.data.price}
    elif $e.type == "ItemRemoved" then .items |= with_entries(select(.key != $e.data.sku))
    else .customer = $e.data.customer
    end)
