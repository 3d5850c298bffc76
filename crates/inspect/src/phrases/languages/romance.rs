//! Words of Romance languages: Spanish, French, Portuguese, Italian, Romanian. Data only.

/// One language a section; a class a line.
pub(super) const WORDS: &str = "
IGNORE: deja_de_lado dejar_de_lado pasa_por_alto pase_por_alto pasar_por_alto haz_caso_omiso haga_caso_omiso hagan_caso_omiso
IGNORE: hacer_caso_omiso olvidate olvidese olvidense prescinde_de prescinda_de desobedece desobedezca no_hagas_caso no_haga_caso
IGNORE: no_tengas_en_cuenta no_tenga_en_cuenta no_obedezcas no_respetes no_cumplas no_atiendas_a deja_lo_que deje_lo_que
IGNORE: desestime ignorarlas olvidalas deja_de_seguir deje_de_seguir desentiendete
PRIOR: hasta_ahora hasta_aqui recibidas dadas iniciales originales vigentes con_anterioridad lo_anterior todo_lo_anterior arriba
ORDER: norma politicas protocolos restriccion limitaciones orden mandatos mandato consignas
TOLD: lo_que_te_dijeron lo_que_te_pidieron lo_que_te_han_dicho lo_que_te_hayan_dicho lo_que_te_encargaron lo_que_te_pidio
TOLD: lo_que_te_indicaron lo_que_te_ordenaron lo_que_se_te_dijo lo_que_se_te_pidio lo_que_se_te_ha_dicho te_dieron_antes te_dieron_al
TOLD: texto_anterior texto_de_arriba mensaje_anterior mensajes_anteriores que_recibiste recibiste_antes recibiste_al que_te_dieron
TOLD: antes_de_esta_conversacion antes_de_que_empezara antes_de_que_comenzara antes_de_este_mensaje antes_de_esta_charla te_han_dado
TOLD: al_principio_de_esta al_inicio_de_esta te_configuraron fuiste_configurado te_programaron que_te_asignaron lo_que_hablamos_antes
LAPSED: quedan_sin_efecto queda_sin_efecto sin_efecto quedan_anuladas quedan_canceladas ya_no_valen ya_no_vale ya_no_aplican anuladas
LAPSED: ya_no_se_aplican no_son_validas han_sido_canceladas canceladas quedan_suspendidas ya_no_cuenta ya_no_cuentan derogadas
EVERYTHING: todo todas todos cualquier_cosa todo_lo_que
SYSPROMPT: prompt_de_sistema indicaciones_del_sistema tus_indicaciones tu_prompt tus_reglas tus_directrices indicaciones_iniciales
SYSPROMPT: instrucciones_iniciales instrucciones_secretas prompt_inicial prompt_oculto mensaje_inicial instrucciones_internas
SYSPROMPT: reglas_internas tu_mensaje_de_sistema
REVEAL: ensena_me mostrar revelar repetir copia copiame transcribe pega imprimir comparte dame detalla traduce
REPEAT: palabra_por_palabra tal_cual textualmente literalmente al_pie_de_la_letra sin_omitir sin_resumir letra_por_letra
YOUARE: eres_ahora pasas_a_ser te_conviertes_en seras_a_partir desde_este_momento_eres de_ahora_en_adelante_eres ya_no_eres
ACTAS: haz_como_si finge imagina_que_eres simula haz_de_cuenta comportate_como interpreta_el_papel asume_el_papel adopta_el_papel
ACTAS: actue_como hazte_pasar actuaras_como
NOLIMITS: sin_ninguna_restriccion sin_ninguna_regla sin_reglas sin_normas ninguna_norma ninguna_regla ninguna_restriccion sin_filtro
NOLIMITS: sin_limite_alguno libre_de_restricciones sin_etica sin_moral no_tienes_limites no_tienes_reglas no_tienes_restricciones
NOLIMITS: sin_politicas aunque_sea_ilegal por_ilegal_que
REFUSE: te_niegues te_niegas negarte rechaces rechazas no_puedo_ayudar
TELL: cuentes decirle decir mencionar mencione diga informe comentes comentarselo comentar se_lo_digas se_lo_cuentes contarle avise
TELL: adviertas notifiques le_digas le_cuentes hables cuente reveles_esto le_informes decirselo
USER: el_usuario al_usuario dueno propietario titular
WITHOUT: sin_que sin
KNOWING: sepa se_entere se_de_cuenta lo_note conocimiento_del_usuario enterarse
SECRETLY: a_escondidas en_secreto secretamente sigilosamente discretamente a_espaldas silenciosamente de_forma_oculta calladamente
SEND: mandar mande envie envien enviar_lo reenvie reenviar sube subir transmite transmita transfiere transfiera remite remita
SEND: haz_llegar publica
READ: lee lea leer abre abra accede acceda obten obtenga recopila recopile consulta extrae extraiga
INCLUDE: incluye incluya anade anada agrega agregue pon ponlo ponga inserta inserte adjunta adjunte pasa introduzca
SENSITIVE: clave_secreta claves_privadas clave_privada clave_ssh token_de variables_de_entorno datos_bancarios
SENSITIVE: numero_de_tarjeta historial_del_navegador datos_personales palabra_secreta clave_de_acceso
AI: inteligencia_artificial asistente_automatico asistente_virtual agente_de_ia modelo_de_ia modelo asistente sistema_de_ia
AI: asistente_inteligente robot_que
MUST: debes debe tienes_que tiene_que es_obligatorio obligatorio hay_que es_necesario siempre_que
NEWTASK: tu_unica_tarea tu_tarea_ahora tu_unico_cometido tu_nuevo_objetivo nuevo_objetivo tu_nueva_mision nueva_orden
NEWTASK: instruccion_nueva nuevas_ordenes nuevas_reglas tarea_real verdadera_tarea instrucciones_actualizadas
INSTEAD: en_vez_de_eso en_cambio en_lugar_de
FROMNOW: a_partir_de_ahora de_ahora_en_adelante desde_ahora desde_este_momento a_partir_de_este en_adelante en_lo_sucesivo
TOOL: herramienta herramientas funcion
BEFORE: antes_de cada_vez_que despues_de siempre_que primero en_cada al_usar
PARAMETER: parametro parametros campo argumento
REMEMBER: guarda_en_tu_memoria memoriza guarda_en_memoria no_lo_olvides almacena_en_tu_memoria
FUTURE: conversaciones_futuras futuras_conversaciones todas_las_conversaciones todas_tus_respuestas cada_respuesta proximas_sesiones
FUTURE: sesiones_futuras respuestas_futuras todos_los_correos en_adelante_siempre
ANSWER: responde responda contesta conteste escribe escriba diga respondes responder contestar
ONLY: solo solamente unicamente nada_mas simplemente limitate_a
CONVERSATION: conversacion historial_de_la_conversacion historial_del_chat historial_de_chat mensajes_del_usuario esta_charla
WHOLE: toda_la todo_el completa completo integra entera
TASK: tarea encargo peticion solicitud pedido trabajo cometido resumen
RUN: ejecuta ejecute borrar elimine llama_a haz_clic abre_el descarga instala
TAGGED: <importante>* <sistema>* [sistema]* <instrucciones>* <oculto>* <atencion>* <secreto>*
URGENT: importante atencion urgente aviso nota_para_la

IGNORE: laisse_tomber laissez_tomber fais_abstraction faites_abstraction ne_respecte_plus ne_respectez_plus n'obeis_plus n'obeissez
IGNORE: desobeis desobeissez mets_de_cote mettez_de_cote ne_tenir_pas_compte fais_fi faites_fi n'applique_plus n'ecoute_plus
IGNORE: ne_prends_pas_en_compte ne_prenez_pas_en_compte abandonne ignore_les ignore_toutes ignore_tout contourne contournez
IGNORE: oublie_tout cesse_de_suivre arrete_de_suivre passe_outre passez_outre
PRIOR: precede ci-avant plus_haut jusqu'ici jusqu'a_present initiales originales recues donnees prealables au-dessus
ORDER: regle consigne ordre contraintes politiques garde-fous parametres_de_securite politique
TOLD: ce_qu'on_t'a_dit ce_qu'on_vous_a_dit ce_qui_precede ce_qu'on_t'a_demande ce_que_tu_as_recu ce_qu'on_t'a_raconte on_t'a_fourni
TOLD: on_t'a_donne on_vous_a_donne on_vous_a_fourni qu'on_t'a texte_ci-dessus texte_precedent messages_precedents message_precedent
TOLD: t'a_demande vous_a_demande avant_le_debut_de avant_cette_conversation avant_ce_message avant_notre_echange tu_as_ete_configure
TOLD: tu_as_recu vous_avez_recu_avant ont_ete_donnees qui_t'ont_ete t'ont_dit t'a_dit tout_ce_qui_precede ce_qui_est_ecrit_au-dessus
LAPSED: sont_annules sont_annulees est_annulee ne_compte_plus ne_comptent_plus caduques caducs sont_caduques n'ont_plus_cours
LAPSED: ne_s'appliquent_plus ne_sont_plus_valables ne_valent_plus sont_revoquees nulles_et_non_avenues sont_suspendues
EVERYTHING: tout tous toutes toute
SYSPROMPT: prompt_de_systeme tes_consignes vos_consignes ton_prompt instructions_initiales consignes_initiales
SYSPROMPT: instructions_secretes instructions_cachees instructions_internes tes_regles tes_directives
SYSPROMPT: message_initial prompt_initial prompt_cache vos_regles consignes_systeme invite_initiale configuration_initiale
REVEAL: recopie recopiez copie copiez donne donnez communique divulgue devoile livre traduis montre-moi affiche-moi
REVEAL: affiche-le dites-moi decris reproduis file-moi
REPEAT: mot_pour_mot mot_a_mot textuellement integralement telles_quelles tel_quel a_l'identique sans_rien_omettre a_la_lettre
YOUARE: tu_deviens vous_devenez tu_seras_desormais des_maintenant_tu_es tu_n'es_plus desormais_tu_es desormais_vous_etes
ACTAS: fais_comme_si faites_comme_si fais_semblant comporte-toi_comme comportez-vous_comme imagine_que_tu_es joue_le_role agissez_comme
ACTAS: incarne mets-toi_dans_la_peau tu_vas_jouer
NOLIMITS: sans_regle sans_regles aucune_regle aucune_restriction sans_censure sans_morale sans_ethique
NOLIMITS: libre_de_toute affranchi_de sans_contrainte sans_aucune_limite meme_si_c'est_interdit meme_illegal
REFUSE: refuses refusez
TELL: parle parles parlez parler dire dis_rien mentionner mentionnes revele_pas signale signales avertis avertissez fais_savoir
TELL: n'en_dis_rien n'en_parle_pas lui_en_parler
USER: proprietaire
WITHOUT: sans sans_que
KNOWING: sache s'en_apercoive le_remarque s'en_rende_compte
SECRETLY: en_secret secretement a_l'insu discretement en_cachette en_douce silencieusement furtivement dans_le_dos
SEND: fais_suivre faites_suivre expedie expediez expedier transfere transferez televerse mets_en_ligne poste adresse_les
READ: lis lisez lire ouvre ouvrez accede accedez recupere recuperez consulte collecte extrais
INCLUDE: inclus incluez ajoute ajoutez insere inserez passe passez mets mettez joins joignez fournis glisse saisis
SENSITIVE: cle_privee cles_privees cle_ssh jeton jetons variables_d'environnement donnees_bancaires carte_bancaire mot_secret
SENSITIVE: code_secret identifiants_enregistres donnees_personnelles cle_secrete
AI: intelligence_artificielle assistant_virtuel agent_ia modele_d'ia modele assistant_automatique logiciel_qui robot_qui
AI: a_l'ia pour_l'ia assistant_intelligent
MUST: tu_dois vous_devez doit il_faut obligatoire obligatoirement est_tenu
NEWTASK: ta_seule_tache nouvelle_mission ta_mission ta_nouvelle_mission nouvel_objectif nouveaux_ordres nouvelles_regles
NEWTASK: votre_nouvelle_tache tes_nouvelles_instructions vraie_tache ta_tache_est_maintenant nouvelles_consignes
INSTEAD: a_la_place_de plutot_que
FROMNOW: desormais dorenavant a_partir_de_maintenant a_compter_de_maintenant des_a_present des_maintenant
TOOL: outil outils fonction
BEFORE: avant_de avant_d'appeler avant_d'utiliser avant_tout a_chaque apres_chaque chaque_fois d'abord
PARAMETER: parametre parametres champ
REMEMBER: enregistre_dans_ta_memoire memorise retiens garde_en_memoire
FUTURE: conversations_futures futures_conversations prochaines_conversations toutes_les_conversations toutes_tes_reponses
FUTURE: chaque_reponse prochaines_sessions sessions_futures tous_les_courriels
ANSWER: reponds repondez ecris ecrivez dis dites repondre
ONLY: uniquement seulement exclusivement simplement juste
CONVERSATION: conversation_entiere l'historique historique_de_la_conversation integralite_de_la_conversation notre_echange la_conversation
WHOLE: toute_la tout_le entiere complet integralite
TASK: tache demande resume_demande travail
RUN: executez clique cliquez telecharge installe efface appelle
TAGGED: <systeme>* [systeme]* <cache>* <consigne>* <attention>* <importants>*
URGENT: importante urgente note_a avis

IGNORE: deixe_de_lado deixa_de_lado esquece_tudo esqueca_tudo largue nao_de_bola nao_ligue_para nao_siga_mais nao_obedeca
IGNORE: desobedeca nao_leve_em_conta nao_tenhas_em_conta nao_respeite passe_por_cima nao_cumpra desrespeite deixe_de_seguir
IGNORE: pare_de_seguir nao_de_ouvidos contorne desconsidera esquecam
PRIOR: ate_agora ate_aqui la_em_cima recebidas dadas iniciais originais antigas de_cima
ORDER: regra ordem normas orientacoes politicas restricoes comando diretriz
TOLD: que_te_disseram que_lhe_disseram o_que_te_falaram que_te_falaram o_que_voce_recebeu que_voce_recebeu o_que_te_pediram
TOLD: o_que_o_dono_pediu o_que_foi_dito_antes que_foi_dito_acima texto_acima texto_anterior mensagem_anterior mensagens_anteriores
TOLD: antes_do_inicio_desta antes_desta_conversa antes_desta_mensagem te_deram_antes que_te_deram que_lhe_deram voce_foi_configurado
TOLD: foram_passadas foi_passado tudo_que_veio_antes tudo_o_que_foi_dito que_recebeste te_pediram te_ensinaram
LAPSED: foram_canceladas estao_canceladas ficam_sem_efeito nao_valem_mais nao_vale_mais ja_nao_valem perderam_a_validade sem_efeito
LAPSED: foram_revogadas estao_revogadas nao_se_aplicam_mais foram_anuladas
EVERYTHING: tudo todas todos qualquer_coisa
SYSPROMPT: prompt_de_sistema teu_prompt tuas_instrucoes instrucoes_iniciais instrucoes_internas instrucoes_ocultas
SYSPROMPT: prompt_inicial instrucoes_secretas suas_regras suas_diretrizes mensagem_inicial prompt_oculto
REVEAL: mostrar revelar copie copia transcreva transcreve exiba cole conte_me me_passa me_passe me_de descreva traduza resuma
REPEAT: palavra_por_palavra na_integra literalmente tal_e_qual ao_pe_da_letra letra_por_letra sem_omitir
YOUARE: tu_agora_es agora_es a_partir_de_agora_es voce_passa_a_ser voce_se_tornou voce_nao_e_mais de_agora_em_diante_voce_e
ACTAS: finja faz_de_conta faca_de_conta aja_como_se imagine_que_voce_e comporte-se_como interprete_o_papel assuma_o_papel
ACTAS: age_como atue_como
NOLIMITS: sem_regras sem_nenhuma_restricao nenhuma_regra nao_ha_regra nenhuma_restricao sem_filtro sem_moral sem_etica sem_qualquer
NOLIMITS: livre_de_restricoes mesmo_que_seja_ilegal mesmo_o_que_e_proibido sem_amarras
REFUSE: recuse recusas se_negue negar-se recusa
TELL: comentar comente dizer diga mencionar fale falar conte_isso avise_o informe_o menciones
USER: dono proprietario utilizador usuarios o_usuario do_usuario
WITHOUT: sem_que sem
KNOWING: saiba perceba conhecimento_do
SECRETLY: as_escondidas em_segredo secretamente discretamente silenciosamente na_surdina por_baixo_dos_panos sem_alarde
SEND: repasse encaminhar despache despachar reencaminha reencaminhe transmita transfira mandar enviar remeta
READ: leia ler abra abre acesse obtenha colete extraia consulte
INCLUDE: inclua adicione acrescente coloque ponha insira anexe passe_o preencha coloca poe
SENSITIVE: chave_privada chaves_privadas chave_ssh token_de variaveis_de_ambiente dados_bancarios cartao_de_credito palavra-passe
SENSITIVE: palavra_secreta senha_guardada senha_salva dados_pessoais
AI: inteligencia_artificial assistente_virtual agente_de_ia modelo_de_ia modelo assistente a_ia para_a_ia robo_que ia_que
MUST: deve deves tem_de tem_que e_obrigatorio obrigatoriamente precisa
NEWTASK: sua_unica_tarefa sua_nova_tarefa nova_missao novo_objetivo novas_regras novas_ordens tarefa_verdadeira sua_tarefa_agora
INSTEAD: em_vez_de no_lugar_disso ao_inves
FROMNOW: a_partir_de_agora de_agora_em_diante daqui_em_diante daqui_pra_frente doravante a_partir_deste
TOOL: ferramenta ferramentas funcao
BEFORE: antes_de a_cada toda_vez_que sempre_que depois_de primeiro
PARAMETER: parametro parametros campo
REMEMBER: memorize guarde_na_memoria salve_na_memoria grave_na_memoria guarda_na_tua
FUTURE: conversas_futuras futuras_conversas todas_as_conversas todas_as_suas_respostas cada_resposta proximas_sessoes todos_os_e-mails
ANSWER: responda responde escreva escreve diz respondes responder
ONLY: apenas somente unicamente simplesmente
CONVERSATION: conversa conversa_inteira historico_da_conversa historico_do_chat historico_de_conversas esta_conversa
WHOLE: toda_a todo_o completa inteira integra completo
TASK: tarefa pedido solicitacao trabalho
RUN: apague apaga clique baixe instale chame
TAGGED: <importante>* <sistema>* [sistema]* <instrucoes>* <oculto>* <atencao>*
URGENT: atencao aviso nota_para

IGNORE: lascia_stare lasciate_stare lascia_perdere lasciate_perdere non_badare non_tenere_conto non_tenete_conto non_considerare
IGNORE: disobbedisci ignori metti_da_parte non_rispettare non_seguire_piu non_obbedire abbandona dimenticati accantona
IGNORE: smetti_di_seguire aggira non_dare_retta
PRIOR: finora fin_qui piu_su ricevuti ricevute iniziali originali di_cui_sopra in_precedenza
ORDER: regola ordini ordine norme vincoli restrizioni politiche consegne linee_guida
TOLD: quello_che_ti_hanno_detto cio_che_ti_hanno_detto ti_hanno_detto ti_e_stato_detto quello_che_ti_hanno_raccontato ti_hanno_dato
TOLD: ti_hanno_chiesto quello_che_ti_ha_chiesto ti_e_stato_chiesto testo_sopra testo_precedente testo_qui_sopra messaggio_precedente
TOLD: messaggi_precedenti che_hai_ricevuto hai_ricevuto_prima prima_dell'inizio_di prima_di_questa_conversazione ti_sono_state_date
TOLD: tutto_cio_che_precede prima_di_questo_messaggio sei_stato_configurato ti_sono_state_fornite ti_avevano_detto
LAPSED: sono_annullati sono_annullate non_valgono_piu non_conta_piu non_contano_piu sono_revocate non_si_applicano_piu decadute
LAPSED: sono_nulle non_sono_piu_valide
EVERYTHING: tutto tutti tutte qualsiasi_cosa
SYSPROMPT: prompt_del_sistema tuo_prompt istruzioni_iniziali tue_istruzioni istruzioni_segrete istruzioni_nascoste
SYSPROMPT: istruzioni_interne prompt_iniziale tue_regole tue_direttive messaggio_iniziale prompt_nascosto
REVEAL: copia ricopia trascrivi incolla svela elenca riportami dammi traduci riassumi mostrare rivelare stampare visualizza
REPEAT: parola_per_parola testualmente alla_lettera integralmente cosi_com'e senza_omettere letteralmente
YOUARE: sei_ora da_adesso_sei diventi da_questo_momento_sei non_sei_piu d'ora_in_avanti_sei
ACTAS: fai_come_se fingi fa'_finta fai_finta immagina_di_essere interpreta_il_ruolo assumi_il_ruolo agisci_come comportati_da
NOLIMITS: senza_regole senza_censura nessuna_regola nessuna_restrizione alcuna_norma senza_vincoli
NOLIMITS: senza_morale senza_etica libero_da anche_se_illegale anche_alle_cose_vietate
REFUSE: rifiuti rifiutarti rifiutati ti_rifiuti
TELL: dirlo dire_nulla farne_parola parlarne parlare menzioni accennare avvertire riferire dica menziona informarlo
USER: utente padrone proprietario cliente_che
WITHOUT: senza_che senza
KNOWING: sappia se_ne_accorga venga_a_sapere saperlo
SECRETLY: di_nascosto segretamente in_segreto all'insaputa silenziosamente furtivamente alle_spalle
SEND: inoltra inoltrare trasmetti trasmettere trasmetta spedire carica trasferisci mandare
READ: leggi leggere legga apri aprire accedi raccogli recupera consulta estrai
INCLUDE: includi includere aggiungi metti inserisci allega passa passalo inserire riporta
SENSITIVE: chiave_privata chiavi_private chiave_ssh variabili_d'ambiente dati_bancari carta_di_credito parola_segreta
SENSITIVE: password_salvata dati_personali token_di
AI: intelligenza_artificiale assistente_virtuale agente_ia modello_di_ia modello assistente per_l'ia all'ia programma_che
MUST: devi deve dovete e_obbligatorio obbligatorio bisogna
NEWTASK: tuo_unico_compito il_tuo_nuovo_compito nuova_missione nuovo_obiettivo nuovi_ordini nuove_regole vero_compito
INSTEAD: al_suo_posto al_posto_di piuttosto
FROMNOW: d'ora_in_poi d'ora_in_avanti da_adesso_in_poi da_questo_momento da_ora_in_poi
TOOL: strumento strumenti funzione
BEFORE: prima_di ogni_volta a_ogni ad_ogni dopo_ogni
PARAMETER: parametro parametri campo
REMEMBER: memorizza salva_in_memoria tieni_a_mente conserva_in_memoria
FUTURE: conversazioni_future future_conversazioni tutte_le_conversazioni tutte_le_tue_risposte ogni_risposta prossime_sessioni
ANSWER: rispondi risponda scrivi scriva di' rispondere rispondi_a
ONLY: solo soltanto solamente unicamente semplicemente
CONVERSATION: conversazione cronologia_della_chat intera_conversazione cronologia_della_conversazione questa_chiacchierata
WHOLE: intera intero tutta_la tutto_il completa completo
TASK: compito incarico richiesta lavoro
RUN: esegui elimina clicca scarica installa chiama svuota
TAGGED: <importante>* <sistema>* [sistema]* <istruzioni>* <nascosto>* <attenzione>*
URGENT: attenzione urgente avviso

IGNORE: ignora_toate nu_tine_cont nu_tineti_cont lasa_balta lasa_deoparte nu_mai_urma nu_respecta nu_asculta sari_peste
PRIOR: anterioare anteriori precedenta pana_acum initiale primite de_dinainte
ORDER: instructiunilor reguli comenzi indicatiile indicatii ordinele
TOLD: ce_ti_s-a_spus ti_s-a_spus ti-au_spus ti-a_cerut ti_s-a_cerut textul_de_mai_sus l-ai_primit ai_primit mesajele_anterioare
TOLD: inainte_sa_inceapa inainte_de_aceasta_conversatie inainte_de_acest_mesaj
LAPSED: sunt_anulate nu_mai_sunt_valabile nu_mai_conteaza
EVERYTHING: tot toate totul orice
SYSPROMPT: promptul_sistemului instructiunile_tale instructiunile_initiale promptul_tau instructiuni_ascunse
REVEAL: copiaza spune-mi scrie da-mi arata-mi dezvaluie-mi
REPEAT: cuvant_cu_cuvant intocmai
YOUARE: acum_esti esti_acum de_acum_esti de_acum_inainte_esti
ACTAS: prefa-te comporta-te_ca joaca_rolul pretinde_ca
NOLIMITS: fara_restrictii fara_reguli fara_limite nicio_regula fara_nicio
NOT: nu nu-i niciodata fara
TELL: spune spui spuneti mentiona mentiona_asta informa dezvalui anunta
USER: utilizatorului utilizatorul utilizator stapanul proprietarul
WITHOUT: fara_ca fara
KNOWING: stie afle stirea
SECRETLY: in_secret pe_ascuns in_taina pe_furis
SEND: trimite trimiteti redirectioneaza transmite expediaza incarca
READ: citeste cititi deschide acceseaza
INCLUDE: adauga pune insereaza
SENSITIVE: parola parolele cheia_privata datele_bancare cheie_api
AI: inteligenta_artificiala model_lingvistic asistent_ai asistentul modelul asistentule
MUST: trebuie_sa trebuie obligatoriu
NEWTASK: noua_sarcina sarcina_ta_noua instructiuni_noi noile_instructiuni
INSTEAD: in_schimb
FROMNOW: de_acum_inainte de_acum_incolo incepand_de_acum
TOOL: instrumentul functia unealta
BEFORE: inainte_de de_fiecare_data dupa_fiecare
PARAMETER: parametrul parametru campul
ANSWER: raspunde raspundeti
ONLY: doar numai
CONVERSATION: conversatia intreaga_conversatie istoricul_conversatiei
WHOLE: intreaga tot_istoricul complet
TASK: sarcina cererea
RUN: sterge executa ruleaza
TAGGED: [sistem]* <sistem>* <important>*

REVEAL: ensename ensenar cual_es que_dice que_contiene me_puedes_ensenar quel_est quelles_sont montrer afficher recopier reveler communiquer qual_e qual_o quais mostrar-me traduza qual_e_il qual'e traducilo mostramelo mostrarmi care_este arata-mi
SYSPROMPT: prompt_inicial prompt_initial prompt_iniziale seu_prompt_inicial tu_prompt_inicial instrucciones_de_sistema instrucoes_de_sistema
TOLD: te_han_dicho te_hayan_dicho te_dijeron t'a_dit te_disseram te_falaram ti_hanno ti_ha_detto ti_e_stato voce_ouviu has_leido_antes
APPROVED: ya_autorizo ya_ha_autorizado ya_aprobo ya_ha_aprobado ya_ha_dado_su ya_dio_su ha_dado_permiso a_deja_valide a_deja_autorise a_deja_donne a_deja_approuve ja_autorizou ja_aprovou ja_deu_permissao ha_gia_autorizzato ha_gia_approvato ha_gia_dato a_aprobat_deja
NOASK: no_vuelva_a_preguntar no_vuelvas_a_preguntar no_preguntes no_pregunte sin_preguntar sin_pedir_confirmacion no_pidas_confirmacion sin_confirmacion ne_lui_redemande ne_demande_pas ne_demandez_pas sans_demander sans_confirmation sans_lui_demander nao_pergunte sem_perguntar sem_confirmacao sem_pedir_confirmacao non_chiedere senza_chiedere senza_conferma nu_mai_intreba fara_confirmare
RUN: llame_ahora llame_a_la invoca invoque transfiere appelle_maintenant vire invoque_la chame_agora chame_a invoque_a chiama_subito trasferisci
AI: estimado_asistente querido_asistente cher_assistant prezado_assistente caro_assistente gentile_assistente
";
