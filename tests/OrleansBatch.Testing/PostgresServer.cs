using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace OrleansBatch.Testing;

/// <summary>A PostgreSQL server of its own, in a temporary folder, on a free port of the loopback address. It ends with its test process, however that ends.</summary>
/// <remarks>
/// A small shell keeps it: its standard input is a pipe that closes with this process, and then it stops the server and removes the folder. The server never
/// outlives that shell either. Every commit is flushed to the disk, as it would be for a user.
/// </remarks>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Keeper =
        """
        setpriv --pdeathsig KILL -- "$1/postgres" -D "$2/data" -p "$3" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
            -c max_connections=300 -c fsync=on -c 'log_line_prefix=%m [%p] %d ' >>"$2/log" 2>&1 &
        server=$!
        read -r signal kept
        kill "-${signal:-QUIT}" "$server"
        wait "$server"
        [ -n "$kept" ] || rm -rf "$2"
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly PostgresBinaries _binaries;
    private readonly string _folder;
    private Process _keeper = null!;
    private int _port;
    private int _databases;

    private PostgresServer(PostgresBinaries binaries, string folder) => (_binaries, _folder) = (binaries, folder);

    /// <summary>Why there can be none on this machine; null: there can.</summary>
    public static string? WhyMissing { get; } = PostgresBinaries.Find() is null
        ? $"There is no PostgreSQL {PostgresBinaries.LeastVersion} or newer that this user may start (Debian: apt-get install postgresql)."
        : null;

    /// <summary>The database that every server has.</summary>
    public string ConnectionString => ConnectionStringOf("postgres");

    /// <summary>Makes a server and waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">It does not start; the message has its log.</exception>
    public static async Task<PostgresServer> StartAsync()
    {
        var binaries = PostgresBinaries.Find() ?? throw new InvalidOperationException(WhyMissing);
        var folder = Directory.CreateTempSubdirectory("orleansbatch-postgres-").FullName;
        if (binaries.User is { } user)
        {
            await RunAsync("chown", user.ToString(), folder);
        }

        var server = new PostgresServer(binaries, folder);
        await server.RunAsUserAsync(
            Path.Combine(binaries.Folder, "initdb"), "-D", Path.Combine(folder, "data"), "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C");
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>How to reach a database of this server.</summary>
    public string ConnectionStringOf(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _port,
        Username = "postgres",
        Database = database,
        Timeout = 15,
    }.ConnectionString;

    /// <summary>Makes a database, empty or as another one is, and answers how to reach it.</summary>
    /// <param name="template">The other; nobody may be connected to it.</param>
    public async Task<string> CreateDatabaseAsync(string template = "template1")
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        // One copied file by file is cheaper here than one written through the log.
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {template}{(_binaries.Version >= 15 ? " STRATEGY file_copy" : "")}");
        return ConnectionStringOf(name);
    }

    /// <summary>Removes a database, whoever is connected to it.</summary>
    public Task DropDatabaseAsync(string connectionString) =>
        ExecuteAsync($"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");

    /// <summary>From now on the server takes encrypted connections, too.</summary>
    /// <param name="certificate">Its certificate, PEM.</param>
    /// <param name="key">The certificate's key, PEM.</param>
    public async Task UseCertificateAsync(string certificate, string key)
    {
        foreach (var (name, text) in new[] { ("server.crt", certificate), ("server.key", key) })
        {
            var path = Path.Combine(_folder, "data", name);
            await File.WriteAllTextAsync(path, text);
            await RunAsync("chmod", "600", path);
            if (_binaries.User is { } user)
            {
                await RunAsync("chown", user.ToString(), path);
            }
        }

        await ExecuteAsync("ALTER SYSTEM SET ssl = on");
        await ExecuteAsync("SELECT pg_reload_conf()");
    }

    /// <summary>What the server has logged about a database so far, entry by entry.</summary>
    public async Task<IReadOnlyList<string>> ReadLogAsync(string database)
    {
        List<List<string>> entries = [];
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(_folder, "log")))
        {
            if (line.StartsWith('\t') && entries.Count > 0)
            {
                entries[^1].Add(line);
            }
            else
            {
                entries.Add([line]);
            }
        }

        return [.. entries.Where(entry => entry[0].Contains($"] {database} ", StringComparison.Ordinal)).Select(entry => string.Join('\n', entry))];
    }

    /// <summary>Stops it as an operator would, and ends all connections; what was committed stays.</summary>
    public Task StopAsync() => EndAsync("INT kept\n");

    /// <summary><c>kill -9</c>; what was committed stays.</summary>
    public Task KillAsync() => EndAsync("KILL kept\n");

    /// <summary>Starts it after it was stopped or killed, on the same port.</summary>
    public async Task StartAgainAsync()
    {
        for (var left = 3; ; left--)
        {
            _port = _port == 0 ? FreePort() : _port;
            _keeper = _binaries.Start("sh", "-c", Keeper, "sh", _binaries.Folder, _folder, _port.ToString(CultureInfo.InvariantCulture));
            if (await AnswersAsync())
            {
                return;
            }

            await EndAsync("KILL kept\n");
            if (left == 1)
            {
                throw new InvalidOperationException($"PostgreSQL does not start:\n{await File.ReadAllTextAsync(Path.Combine(_folder, "log"))}");
            }

            // Somebody may have taken the port meanwhile.
            _port = 0;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await EndAsync("");

    private async Task EndAsync(string order)
    {
        try
        {
            await _keeper.StandardInput.WriteAsync(order);
            _keeper.StandardInput.Close();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // It has ended already.
        }

        await _keeper.WaitForExitAsync().WaitAsync(Patience);
    }

    private async Task<bool> AnswersAsync()
    {
        var until = Stopwatch.StartNew();
        while (until.Elapsed < Patience && !_keeper.HasExited)
        {
            try
            {
                await ExecuteAsync("SELECT 1");
                return true;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(20);
            }

            if (await HasFailedAsync())
            {
                return false;
            }
        }

        return false;
    }

    private async Task<bool> HasFailedAsync()
    {
        var log = Path.Combine(_folder, "log");
        return File.Exists(log) && (await File.ReadAllLinesAsync(log)).LastOrDefault()?.Contains("database system is shut down", StringComparison.Ordinal) == true;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task RunAsUserAsync(string program, params string[] arguments)
    {
        using var process = _binaries.Start(program, arguments);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}:\n{output}\n{errors}");
        }
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
