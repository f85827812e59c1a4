#!/bin/sh
# Makes the queues and tables that infra/resources/resources.json describes. What exists stays as it is: a coordinator
# brings it in line with its settings, and may have been quicker.
set -eu

resources=${BOOMERANG_RESOURCES:-/etc/boomerang/resources.json}
[ -f "$resources" ] || resources=$(dirname "$0")/../../resources/resources.json

# Runs a few words of Python on them: LocalStack's image has Python, and no jq.
from_resources() {
  python3 -c "import json, sys; found = json.load(open(sys.argv[1])); $1" "$resources" "${2:-}"
}

# What was made meanwhile is no mistake; anything else is.
unless_there() {
  answer=$("$@" 2>&1 >/dev/null) && return
  case $answer in
    *ResourceInUseException* | *QueueNameExists* | *QueueAlreadyExists* | *'already enabled'*) ;;
    *) echo "$answer" >&2 && return 1 ;;
  esac
}

url_of() { awslocal sqs get-queue-url --queue-name "$1" --query QueueUrl --output text 2>/dev/null; }

make_queues() {
  dead_letters=$(from_resources 'print(found["queues"]["deadLetters"]["createQueue"]["QueueName"])')
  url_of "$dead_letters" >/dev/null || unless_there awslocal sqs create-queue --cli-input-json \
    "$(from_resources 'print(json.dumps(found["queues"]["deadLetters"]["createQueue"]))')"

  batches=$(from_resources 'print(found["queues"]["batches"]["createQueue"]["QueueName"])')
  url_of "$batches" >/dev/null && return
  arn=$(awslocal sqs get-queue-attributes --queue-url "$(url_of "$dead_letters")" \
    --attribute-names QueueArn --query Attributes.QueueArn --output text)
  unless_there awslocal sqs create-queue --cli-input-json "$(from_resources '
batches = found["queues"]["batches"]
policy = {"deadLetterTargetArn": sys.argv[2], "maxReceiveCount": batches["maxReceiveCount"]}
batches["createQueue"]["Attributes"]["RedrivePolicy"] = json.dumps(policy)
print(json.dumps(batches["createQueue"]))' "$arn")"
}

make_tables() {
  from_resources '
for table in found["tables"].values():
    print("create-table", json.dumps(table["createTable"]))
for table in found["tables"].values():
    if "updateTimeToLive" in table: print("update-time-to-live", json.dumps(table["updateTimeToLive"]))' |
    while read -r verb input; do
      unless_there awslocal dynamodb "$verb" --cli-input-json "$input" || exit 1
    done
}

make_tables &
make_queues
wait $!
echo 'boomerang: queues and tables are there'
