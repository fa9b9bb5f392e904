#!/usr/bin/env escript
%% Plays stories of a group with OTP's own supervisor: the oracle of OtpGroupTests.
%%
%% A story is one line of the standard input:
%%     ID STRATEGY INTENSITY MEMBER:TYPE,MEMBER:TYPE... ACTION:MEMBER ...
%% Its answer is one line of the standard output: what happened at the start, and at each
%% action, in order. Only a stop by the supervisor is a stop:
%%     ID|start a,start b,start c|stop c,start b,start c
-module(otp_groups).
-mode(compile).
-behaviour(supervisor).
-export([main/1, init/1, start_child/2]).
-export([member/3]).

main(_) ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    read().

read() ->
    case io:get_line("") of
        eof -> ok;
        Line ->
            play(string:lexemes(string:trim(Line), " ")),
            read()
    end.

play([Id, Strategy, Intensity, Members | Actions]) ->
    Specs = [spec(string:lexemes(M, ":")) || M <- string:lexemes(Members, ",")],
    Start = fun() ->
        {ok, Sup} = supervisor:start_link(?MODULE,
            {list_to_atom(Strategy), list_to_integer(Intensity), self(), Specs}),
        Sup
    end,
    First = Start(),
    Answers = act([string:lexemes(A, ":") || A <- Actions], First, Start, [events()]),
    io:format("~s|~s~n", [Id, lists:join("|", Answers)]).

spec([Name, Type]) -> {list_to_atom(Name), list_to_atom(Type)}.

act([], Sup, _, Answers) ->
    stop(Sup),
    _ = events(),
    lists:reverse(Answers);
act([[What, Name] | Rest], Sup, Start, Answers) ->
    Next = carry_out(What, list_to_atom(Name), Sup, Start),
    act(Rest, Next, Start, [events() | Answers]).

carry_out("terminate", Name, Sup, _) ->
    ok = supervisor:terminate_child(Sup, Name),
    Sup;
carry_out("restart", Name, Sup, _) ->
    {ok, _} = supervisor:restart_child(Sup, Name),
    Sup;
carry_out("again", _, _, Start) ->
    Start();
carry_out("drop", Name, Sup, _) ->
    pid(Sup, Name) ! crash,
    receive {'EXIT', Sup, _} -> Sup end;
carry_out("finish", Name, Sup, _) ->
    pid(Sup, Name) ! return,
    until(fun() -> pid(Sup, Name) =:= undefined end),
    Sup;
carry_out(What, Name, Sup, _) ->
    Old = pid(Sup, Name),
    Old ! list_to_atom(What),
    %% The supervisor answers when the group is complete again.
    until(fun() -> lists:member(pid(Sup, Name), [Old, undefined, restarting]) =:= false end),
    Sup.

until(Holds) ->
    case Holds() of
        true -> ok;
        false -> receive after 1 -> until(Holds) end
    end.

pid(Sup, Name) ->
    {Name, Pid, _, _} = lists:keyfind(Name, 1, supervisor:which_children(Sup)),
    Pid.

stop(Sup) ->
    case is_process_alive(Sup) of
        true ->
            exit(Sup, shutdown),
            receive {'EXIT', Sup, _} -> ok end;
        false -> ok
    end.

events() ->
    lists:join(",", all()).

all() ->
    receive {event, Event} -> [Event | all()]
    after 0 -> []
    end.

%% The supervisor

init({Strategy, Intensity, Log, Specs}) ->
    {ok, {#{strategy => Strategy, intensity => Intensity, period => 1},
        [#{id => Name, start => {?MODULE, start_child, [Name, Log]}, restart => Type, shutdown => 5000}
            || {Name, Type} <- Specs]}}.

start_child(Name, Log) ->
    proc_lib:start_link(?MODULE, member, [self(), Name, Log]).

member(Sup, Name, Log) ->
    process_flag(trap_exit, true),
    Log ! {event, ["start ", atom_to_list(Name)]},
    proc_lib:init_ack(Sup, {ok, self()}),
    receive
        crash -> exit(boom);
        return -> ok;
        {'EXIT', Sup, _} ->
            Log ! {event, ["stop ", atom_to_list(Name)]},
            exit(shutdown)
    end.
