# Changes the user's password by the management API, from OLD to NEW, and logs in with it. Can be run again at any time.
# By bash alone: the image has no program that speaks HTTP.
set -uo pipefail
deadline=$((SECONDS + 300))

# A text as JSON.
json() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\n'/\\n}
  text=${text//$'\t'/\\t}
  printf '"%s"' "$text"
}

# A text as a part of a URL.
encoded() {
  local LC_ALL=C text=$1 at char
  for ((at = 0; at < ${#text}; at++)); do
    char=${text:at:1}
    case $char in
      [a-zA-Z0-9._~-]) printf %s "$char" ;;
      *) printf '%%%02X' "$(($(printf %d "'$char") & 255))" ;;
    esac
  done
}

# METHOD PATH PASSWORD [BODY]: sets `status` and `reply`; fails when nothing answers.
ask() {
  local LC_ALL=C method=$1 path=$2 login body=${4-}
  login=$(printf '%s:%s' "$RABBITMQ_USER" "$3" | base64 | tr -d '\n')
  reply='' status=''
  {
    printf '%s /api/%s HTTP/1.0\r\nHost: %s\r\nAuthorization: Basic %s\r\n' "$method" "$path" "$RABBITMQ_HOST" "$login"
    printf 'Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' "${#body}" "$body"
    IFS= read -r -t 20 -d '' reply
  } 2>/dev/null <>"/dev/tcp/$RABBITMQ_HOST/15672" >&0
  status=${reply#HTTP/* }
  status=${status:0:3}
  [[ $status == [1-5][0-9][0-9] ]]
}

# PASSWORD: whether it opens a session. Waits until the broker answers.
opens() {
  until ask GET whoami "$1" && [[ $status == 200 || $status == 401 ]]; do
    if ((SECONDS > deadline)); then
      echo "no answer from http://$RABBITMQ_HOST:15672 in 5 minutes; the last one was: ${status:-none}" >&2
      exit 1
    fi
    sleep 2
  done
  [[ $status == 200 ]]
}

if opens "$NEW"; then
  echo "user $RABBITMQ_USER logs in with the new password already"
  exit 0
fi
if ! opens "$OLD"; then
  echo "user $RABBITMQ_USER logs in with neither the old nor the new password" >&2
  exit 1
fi
user=users/$(encoded "$RABBITMQ_USER")
# The user's tags go with the request that sets the password.
ask GET "$user" "$OLD"
tags=$(printf '%s\n' "$reply" | sed -n 's/.*"tags":\(\[[^]]*\]\|"[^"]*"\).*/\1/p')
if [[ $status != 200 || -z $tags ]]; then
  echo "user $RABBITMQ_USER may not read itself: status ${status:-none}" >&2
  exit 1
fi
ask PUT "$user" "$OLD" "{\"password\":$(json "$NEW"),\"tags\":$tags}"
if [[ $status != 2* ]]; then
  echo "the password of user $RABBITMQ_USER could not be changed: status ${status:-none}" >&2
  exit 1
fi
if ! opens "$NEW"; then
  echo "user $RABBITMQ_USER does not log in with the new password" >&2
  exit 1
fi
echo "user $RABBITMQ_USER logs in with the new password"
