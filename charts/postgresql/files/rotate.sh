# Changes the user's password from OLD to NEW, and logs in with it. Can be run again at any time.
set -u
tries=150

# PASSWORD [OPTION ...]: runs what comes on standard input. Over the network, where passwords count.
run() {
  password=$1
  shift
  PGPASSWORD=$password PGCONNECT_TIMEOUT=5 psql -w -X -q -v ON_ERROR_STOP=1 "$@" 2>&1
}

# PASSWORD: whether it opens a session. Waits until the server answers.
opens() {
  while ! answer=$(echo 'SELECT 1' | run "$1" -A -t); do
    case $answer in *'authentication failed'*) return 1 ;; esac
    tries=$((tries - 1))
    if [ "$tries" -le 0 ]; then
      echo "no answer from $PGHOST; the last one was: $answer" >&2
      exit 1
    fi
    sleep 2
  done
}

if opens "$NEW"; then
  echo "user $PGUSER logs in with the new password already"
  exit 0
fi
if ! opens "$OLD"; then
  echo "user $PGUSER logs in with neither the old nor the new password" >&2
  exit 1
fi
# Read by psql itself, so that it is in no list of processes; and the server writes no statement into its log.
if ! answer=$(run "$OLD" <<'SQL'
\getenv user PGUSER
\getenv new NEW
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
ALTER ROLE :"user" PASSWORD :'new';
SQL
); then
  echo "the password of user $PGUSER could not be changed" >&2
  exit 1
fi
if ! opens "$NEW"; then
  echo "user $PGUSER does not log in with the new password" >&2
  exit 1
fi
echo "user $PGUSER logs in with the new password"
